"""Read a random sample of a table's rows: blocks from all over it, then rows from those blocks.

`TABLESAMPLE SYSTEM` draws whole blocks by a hash of their number, so the beginning of a table is no
likelier than its end, and nothing else is read. Rows of one block are often alike (they were
written together), so many more blocks are drawn than are needed, and rows are drawn from them.
https://www.postgresql.org/docs/current/sql-select.html#SQL-FROM
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from masker.catalog import Catalog, Column, Kind, Table
from masker.engines.postgres.copytext import decode, parse
from masker.engines.postgres.rights import ANY_BYTES
from masker.engines.postgres.session import Session, quote
from masker.engines.sampled import CHARACTERS, DOCUMENTS, LONG, Sampled

BLOCKS = 1024  # at least, where a table has as many: 8 MB
MOST_BLOCKS = 16 * BLOCKS
_LONG = "0"  # the column that names the long ones; no column of a table is called so
_ENOUGH = 1.05  # so that the sample is seldom smaller than was asked for
_UNKNOWN = "\N{REPLACEMENT CHARACTER}"


@contextmanager
def one_table(session: Session, *, seconds: float) -> Iterator[None]:
    """Give back every lock that the block took, and let a failure end nothing but the block.

    The snapshot stays. A statement that takes longer than `seconds` is cancelled by the server.
    """
    session.execute("SAVEPOINT masker_table")
    session.query(
        "SELECT set_config('statement_timeout', %s, true)", [f"{round(seconds * 1000)}ms"]
    )
    try:
        yield
    finally:
        if not session.closed:
            session.execute("ROLLBACK TO SAVEPOINT masker_table")
            session.execute("RELEASE SAVEPOINT masker_table")


def sample(
    session: Session,
    catalog: Catalog,
    table: Table,
    columns: Sequence[Column],
    *,
    rows: int,
    seed: int,
) -> Sampled:
    """Read about `rows` random rows of a table, of a partitioned one from all its partitions.

    Values are cut to 2,000 characters. `seed` draws the blocks.
    """
    blocks = min(table.pages, BLOCKS)
    there = _count(session, table, blocks, seed)
    if there < rows and blocks < table.pages:
        blocks = min(table.pages, MOST_BLOCKS, round(_ENOUGH * blocks * rows / max(there, 1)) + 1)
        there = _count(session, table, blocks, seed)
    share = min(1.0, _ENOUGH * rows / max(there, 1))
    raw = _copy(session, _select(table, columns, blocks, seed, share), catalog)
    names = [column.name for column in columns]
    frame = parse(raw, [*names, _LONG])
    long = {names[int(n)] for n in frame[_LONG].unique().str.split(" ").explode() if n}
    plain = frame.drop(_LONG).with_columns(decode(frame[name]) for name in names)
    return Sampled(
        rows=plain,
        whole=blocks >= table.pages and share >= 1,
        long=frozenset(long),
        broken=frozenset(
            name for name in names if plain[name].str.contains(_UNKNOWN, literal=True).any()
        ),
    )


def _copy(session: Session, select: str, catalog: Catalog) -> bytes:
    """Return COPY text as UTF-8; bytes that are none become U+FFFD."""
    # The server refuses to send bytes that are no text, unless they are asked for as they are.
    option = " WITH (ENCODING 'SQL_ASCII')" if catalog.encoding == ANY_BYTES else ""
    with session.mapped("sample"), session.raw.cursor() as cursor:
        statement = f"COPY ({select}) TO STDOUT{option}"
        with cursor.copy(statement.encode()) as copy:
            raw = b"".join(bytes(block) for block in copy)
    return raw.decode("utf-8", errors="replace").encode() if option else raw


def _count(session: Session, table: Table, blocks: int, seed: int) -> int:
    found: int = session.one(f"SELECT count(*) FROM {_from(table, blocks, seed)}")
    return found


def _from(table: Table, blocks: int, seed: int) -> str:
    # A partitioned table has no rows of its own; of any other, those of its children are not its.
    only = "" if table.partitioning is not None else "ONLY "
    name = f"{only}{quote(table.name.schema, table.name.name)}"
    if blocks >= table.pages:
        return name
    return f"{name} TABLESAMPLE SYSTEM ({100 * blocks / table.pages:.9f}) REPEATABLE ({seed})"


def _select(table: Table, columns: Sequence[Column], blocks: int, seed: int, share: float) -> str:
    shown = [f"{_shown(column)} AS {quote(column.name)}" for column in columns]
    long = " || ".join(
        f"CASE WHEN {_long(c)} THEN '{n} ' ELSE '' END" for n, c in enumerate(columns)
    )
    where = "" if share >= 1 else f" WHERE random() < {share:.9f}"
    source = _from(table, blocks, seed)
    return f"SELECT {', '.join([*shown, f'rtrim({long}) AS {quote(_LONG)}'])} FROM {source}{where}"


def _shown(column: Column) -> str:
    text = f"left({quote(column.name)}::text, {CHARACTERS})"
    # A long text is read in part; a document would have to be written out whole first.
    return text if not _is_document(column) else f"CASE WHEN NOT {_long(column)} THEN {text} END"


def _long(column: Column) -> str:
    if _is_document(column):
        return f"coalesce(pg_column_size({quote(column.name)}) > {LONG}, false)"
    if column.type.kind is Kind.TEXT:
        return f"octet_length({quote(column.name)}::text) > {LONG}"
    return "false"


def _is_document(column: Column) -> bool:
    return column.type.kind in DOCUMENTS
