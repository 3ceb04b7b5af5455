"""Whether the tables of a target take the columns that a plan moves into them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from masker.catalog import TableName
from masker.engines.fit import Present, compare
from masker.engines.postgres.session import Session
from masker.findings import Finding

_COLUMNS = """
SELECT n.nspname, c.relname, a.attname,
       a.attgenerated <> '' AS generated,
       a.attnotnull AND NOT a.atthasdef AND a.attidentity = '' AS required
  FROM pg_catalog.pg_class c
  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
  LEFT JOIN pg_catalog.pg_attribute a
    ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
 WHERE c.relkind IN ('r', 'p')
"""


def check(
    session: Session,
    moved: Mapping[TableName, Sequence[str]],
    *,
    computed: Iterable[tuple[TableName, str]] = (),
) -> list[Finding]:
    """Compare the columns that are moved into each table with the columns that it has.

    `computed` columns are filled by the target itself. A missing table or column is an error, as
    is one that needs a value and gets none; any other column that stays empty is a note.
    """
    present: dict[TableName, dict[str, Present]] = {}
    for schema, table, column, generated, required in session.query(_COLUMNS):
        columns = present.setdefault(TableName(schema, table), {})
        if column is None:  # a table may have none
            continue
        columns[column] = Present(generated, required)
    return compare(present, moved, computed=computed)
