"""Draft a pipeline for a database: every column once, with a verdict and a comment why.

Columns that follow a key have a comment only: the verdict stands on the key.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from types import MappingProxyType

from masker.catalog import Catalog, Table, TableName
from masker.detect.names import Proposal, snake
from masker.rules.flow import flow
from masker.rules.proposed import PACKS, Proposed, proposed
from masker.rules.resolve import Place

_COMMENT_AT = 44  # column where comments begin, if the verdict leaves room
# Rows that would leave the house if a worker found them in staging.
_WIRES = frozenset(
    {"outbox", "mail_queue", "email_queue", "mail_outbox", "email_outbox", "sms_queue"}
)
NAMES_ALONE = "names and types alone: no value was read"
_NOTHING: Mapping[Place, str] = MappingProxyType({})


def named(database: str, purpose: str) -> str:
    """Return a name for a pipeline of a database, such as `shop-refresh`."""
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", database)[:48].lstrip("_.-") or "database"
    return f"{name}-{purpose}"


def draft(
    catalog: Catalog,
    *,
    name: str,
    source: str = "${SOURCE_URL}",
    target: str = "${TARGET_URL}",
    packs: Sequence[str] = PACKS,
    locale: str = "en_US",
    countries: Sequence[str] = (),
    proposals: Iterable[Proposal] | None = None,
    closed: Mapping[Place, str] = _NOTHING,
    seen: Mapping[Place, str] = _NOTHING,
    basis: str = NAMES_ALONE,
) -> str:
    """Return the YAML text of a pipeline that decides on every column of a catalog.

    `source` and `target` are written as they are, so they should be `${…}`. Verdicts are those of
    `proposed`; `basis` says what they were made from. The text reads back without a finding, and
    resolves with none but `review`. Names only: no value of the source is in it.
    """
    verdicts = proposed(
        catalog, packs=packs, locale=locale, countries=countries, proposals=proposals,
        closed=closed,
        seen=seen,
    )  # fmt: skip
    lines = [
        f"# Drafted from {basis}.",
        "# Read every line, decide where it says `review`, and commit the file. A column that is",
        "# added to the source later stops the run until it has a line here.",
        "version: 1",
        f"name: {flow(name)}",
        f"source: {{url: {flow(source)}, schemas: {flow(list(catalog.schemas))}}}",
        f"target: {{url: {flow(target)}, mode: swap}}",
        f"locale: {flow(locale)}",
        f"countries: {flow(list(countries))}",
        "rules: []  # all is decided below; packs would decide on new columns too",
        "uncovered: fail",
    ]
    wires = [table.name for table in catalog.tables if _is_wire(catalog, table)]
    if wires:
        lines.append("tables:  # a worker would send these from staging")
        lines += [f"  {flow(str(table))}: empty" for table in wires]
    tables = [table for table in catalog.tables if not table.is_partition and not table.extension]
    decided = [
        line for table in tables if table.columns for line in ("", *table_lines(table, verdicts))
    ]
    # A table whose columns all follow is a comment, and so may be all tables.
    some = any(line and not line.lstrip().startswith("#") for line in decided)
    return "\n".join([*lines, "columns:" if some else "columns: {}", *decided, ""])


def table_lines(
    table: Table, verdicts: Mapping[Place, Proposed], *, only: Collection[str] | None = None
) -> list[str]:
    """Return a table's lines below `columns:`; columns that follow a key are comments."""
    lines = []
    decides = False
    for column in table.columns:
        if only is not None and column.name not in only:
            continue
        made = verdicts[table.name, column.name]
        if made.leader is None:
            decides = True
            lines.append(f"    {column_line(table, column.name, made)}")
        else:
            lines.append(f"    # {_one_line(f'{flow(column.name)} {made.why}')}")
    head = f"{flow(str(table.name))}:"
    return [f"  {head}" if decides else f"  # {_one_line(head)}", *lines]


def column_line(table: Table, name: str, made: Proposed) -> str:
    """Return the line of one column: name, verdict, and a comment with its type and why."""
    line = f"{flow(name)}: {made.written}"
    why = _one_line(f"{table.column(name).type.name}; {made.why}")
    return f"{line.ljust(_COMMENT_AT - 4)}  # {why}"


def _one_line(said: str) -> str:
    """Return words fit for a comment: names may hold line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


def _is_wire(catalog: Catalog, table: Table) -> bool:
    name = snake(table.name.name)
    if name not in _WIRES and not name.endswith("_outbox"):
        return False
    return not any(_refers(each, table.name) for each in catalog.tables)


def _refers(table: Table, to: TableName) -> bool:
    return any(key.parent == to for key in table.foreign_keys)
