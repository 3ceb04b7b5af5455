"""Foreign keys, which SQLite declares without checking that anybody keeps them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from masker.catalog import ForeignKey, Table, TableName
from masker.catalog.links import Link
from masker.engines.sqlite.definitions import DeclaredLink, Definition
from masker.engines.sqlite.joins import breaks
from masker.engines.sqlite.session import Session
from masker.engines.sqlite.words import fold

_LINKS = """
SELECT id, [table], [from], [to] FROM pragma_foreign_key_list(?, 'main') ORDER BY id, seq
"""


def with_links(
    session: Session, tables: Sequence[Table], definitions: Mapping[str, Definition]
) -> tuple[Table, ...]:
    """Return the tables with their foreign keys.

    One whose parent does not exist, or whose parent's columns are not unique, ties no rows: SQLite
    itself refuses to work with it. It is left out. One that rows break already is not validated.
    """
    known = {fold(table.name.name): table for table in tables}
    return tuple(
        replace(table, foreign_keys=tuple(_links(session, table, definitions, known)))
        for table in tables
    )


def _links(
    session: Session,
    table: Table,
    definitions: Mapping[str, Definition],
    known: Mapping[str, Table],
) -> Iterator[ForeignKey]:
    rows = session.query(_LINKS, [table.name.name])
    declared = definitions[table.name.name].links
    numbers = sorted({row[0] for row in rows}, reverse=True)  # SQLite lists the last one first
    matched = declared if len(declared) == len(numbers) else ()
    made: dict[int, ForeignKey] = {}
    for place, number in enumerate(numbers):
        mine = [row for row in rows if row[0] == number]
        parent = known.get(fold(mine[0][1]))
        if parent is None:
            continue
        said = matched[place] if matched else DeclaredLink(name="", deferrable=False)
        link = _link(table, parent, mine, said, place + 1)
        if link is not None:
            made[number] = link
    for link in made.values():
        parent = known[fold(link.parent.name)]
        tied = Link(
            table=link.table,
            columns=link.columns,
            parent=link.parent,
            parent_columns=link.parent_columns,
            constraint=link.name,
        )
        yield replace(link, validated=not breaks(session, tied, table, parent))


def _link(
    table: Table, parent: Table, rows: Sequence[tuple[int, str, str, str | None]],
    said: DeclaredLink, place: int,
) -> ForeignKey | None:  # fmt: skip
    columns = tuple(_spelled(table, row[2]) for row in rows)
    named = [row[3] for row in rows]
    if any(name is None for name in named):
        primary = parent.primary_key
        targets = primary.columns if primary is not None else ()
    else:
        targets = tuple(_spelled(parent, name) for name in named if name is not None)
    if len(targets) != len(columns) or not _is_unique(parent, targets):
        return None
    return ForeignKey(
        name=said.name or f"{table.name.name}_{'_'.join(columns)}_fkey_{place}",
        table=table.name,
        columns=columns,
        parent=parent.name,
        parent_columns=targets,
        deferrable=said.deferrable,
    )


def _spelled(table: Table, name: str) -> str:
    return next((c.name for c in table.columns if fold(c.name) == fold(name)), name)


def _is_unique(parent: Table, columns: Sequence[str]) -> bool:
    return any(
        set(key.columns) == set(columns) and not key.partial and not key.expression
        for key in parent.keys
    )


def with_folded_links(tables: Sequence[Table]) -> tuple[Table, ...]:
    """Return the tables with columns that compare without case wherever their parent's do.

    SQLite compares along a foreign key by the parent's collation, whatever the child's is.
    """
    folding = {
        (table.name, column.name)
        for table in tables
        for column in table.columns
        if column.type.case_insensitive
    }
    links = [link for table in tables for link in table.foreign_keys]
    grew = True
    while grew:
        more = {
            (link.table, mine)
            for link in links
            for mine, theirs in zip(link.columns, link.parent_columns, strict=True)
            if (link.parent, theirs) in folding
        }
        grew = not more <= folding
        folding |= more
    return tuple(_folded(table, folding) for table in tables)


def _folded(table: Table, folding: set[tuple[TableName, str]]) -> Table:
    columns = tuple(
        replace(column, type=replace(column.type, case_insensitive=True))
        if (table.name, column.name) in folding
        else column
        for column in table.columns
    )
    return replace(table, columns=columns)
