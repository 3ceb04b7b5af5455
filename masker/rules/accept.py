"""Acceptances as people write them (`live-range:customers.phone`) and as findings are named."""

from __future__ import annotations

from masker.catalog import Catalog
from masker.rules.pipeline import Pipeline


def accepted(pipeline: Pipeline, catalog: Catalog) -> tuple[str, ...]:
    """Return the ids that a pipeline accepts, tables written bare with their schema.

    What a bare name of two tables means is not guessed: such an id is returned as it is, and so is
    one that names no table. Ids that reading the file has used up are left out.
    """
    used = {finding.id for finding in pipeline.findings}
    full = {str(table.name) for table in catalog.tables}
    by_name: dict[str, list[str]] = {}
    for table in catalog.tables:
        by_name.setdefault(table.name.name, []).append(str(table.name))
    return tuple(_qualified(id, full, by_name) for id in pipeline.accept if id not in used)


def _qualified(id: str, full: set[str], by_name: dict[str, list[str]]) -> str:
    code, colon, subject = id.partition(":")
    if not colon or any(subject == name or subject.startswith(f"{name}.") for name in full):
        return id
    for name, tables in by_name.items():
        rest = subject.removeprefix(name)
        if len(tables) == 1 and rest != subject and (not rest or rest.startswith(".")):
            return f"{code}:{tables[0]}{rest}"
    return id
