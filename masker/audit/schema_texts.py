"""Words of the schema in which a source value could stand: comments, defaults, views, bounds."""

from __future__ import annotations

from collections.abc import Iterator

from masker.catalog import Catalog, Column, Table


def schema_texts(catalog: Catalog) -> Iterator[tuple[str, str]]:
    """Yield (subject, text) for every text of the schema that a person may have written."""
    for table in catalog.tables:
        yield from _of_table(table)
        for column in table.columns:
            yield from _of_column(f"{table.name}.{column.name}", column)
    for view in catalog.views:
        yield f"definition of {view.name}", view.definition
    yield from catalog.texts


def _of_table(table: Table) -> Iterator[tuple[str, str]]:
    if table.comment:
        yield f"comment on {table.name}", table.comment
    if table.bound:
        yield f"partition bound of {table.name}", table.bound
    for check in table.checks:
        yield f"check {check.name} on {table.name}", check.definition
    for trigger in table.triggers:
        yield f"trigger {trigger.name} on {table.name}", trigger.definition


def _of_column(place: str, column: Column) -> Iterator[tuple[str, str]]:
    if column.comment:
        yield f"comment on {place}", column.comment
    if column.default:
        yield f"default of {place}", column.default
    for definition in column.checks:
        yield f"check on {place}", definition
    if column.type.labels:
        yield f"labels of {place}", " ; ".join(column.type.labels)
