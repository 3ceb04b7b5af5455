"""Whether the tables of a target take the columns that a plan moves into them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from masker.catalog import TableName
from masker.findings import Finding, error, note


@dataclass(frozen=True, slots=True)
class Present:
    """A column that the target has; a `required` one needs a value and has no default."""

    generated: bool
    required: bool


def compare(
    present: Mapping[TableName, Mapping[str, Present]],
    moved: Mapping[TableName, Sequence[str]],
    *,
    computed: Iterable[tuple[TableName, str]] = (),
) -> list[Finding]:
    """Compare the columns that are moved into each table with the columns that it has.

    `computed` columns are filled by the target itself. A missing table or column is an error, as
    is one that needs a value and gets none; any other column that stays empty is a note.
    """
    exempt = set(computed)
    found: list[Finding] = []
    for table, names in moved.items():
        if table not in present:
            found.append(_missing("table", str(table)))
            continue
        found += _columns(table, names, present[table], exempt)
    return found


def _columns(
    table: TableName,
    names: Sequence[str],
    present: Mapping[str, Present],
    exempt: set[tuple[TableName, str]],
) -> Iterator[Finding]:
    for name in names:
        if name not in present:
            yield _missing("column", f"{table}.{name}")
        elif present[name].generated:
            yield error(
                "column-generated",
                f"the target computes the column `{table}.{name}`, so no value can be loaded",
                subject=f"{table}.{name}",
                help="drift between source and target: bring the target's migrations up to date",
            )
    for name, column in present.items():
        if name in names or column.generated or (table, name) in exempt:
            continue
        subject = f"{table}.{name}"
        if column.required:
            yield error(
                "column-without-value",
                f"the target's column `{subject}` needs a value, and the source has no such column",
                subject=subject,
                help="give it a default in the target, or allow it to be empty",
            )
        else:
            yield note(
                "column-empty",
                f"the target's column `{subject}` gets no value from the source",
                subject=subject,
            )


def _missing(what: str, name: str) -> Finding:
    return error(
        f"{what}-missing",
        f"the target has no {what} `{name}`, which the source has",
        subject=name,
        help="bring the target's migrations up to date, or exclude it in the policy",
    )
