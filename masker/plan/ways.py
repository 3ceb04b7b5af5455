"""Tell what masks texts in place how the columns go whose values those texts may name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from masker.catalog import Kind, TableName
from masker.plan.model import Branch, ColumnPlan
from masker.transformers.base import Kin, Scope, Site, Way

_KINDS = frozenset({Kind.TEXT, Kind.UUID, Kind.INET})
_NEVER = frozenset({"json", "recompute", "null"})  # what has no fake for a single value
Columns = Mapping[TableName, tuple[ColumnPlan, ...]]


@dataclass(frozen=True, slots=True)
class Sought:
    """A branch of a masked column whose values texts may name, and the way that masks them."""

    column: ColumnPlan
    way: int
    when: str | None
    unless: tuple[str, ...]


def ways_of(columns: Columns) -> tuple[Way, ...]:
    """Return every way that a column goes whose values texts may name, each once.

    None where no text is masked in place.
    """
    if not any(is_open(plan) for plans in columns.values() for plan in plans):
        return ()
    found = {
        _key(way): way
        for plans in columns.values()
        for plan in plans
        for branch in plan.branches
        if _is_sought(plan, branch)
        for way in [_way(branch)]
    }
    return tuple(found.values())


def related(columns: Columns, ways: tuple[Way, ...]) -> dict[TableName, tuple[ColumnPlan, ...]]:
    """Return the columns with what masks texts in place told of all others, and of its row."""
    return {table: tuple(_related(plans, ways)) for table, plans in columns.items()}


def is_open(column: ColumnPlan) -> bool:
    """Tell whether texts of a column are masked in place."""
    return column.masked and any(
        branch.transformer is not None and branch.transformer.promises().in_place
        for branch in column.branches
    )


def sought_of(plans: tuple[ColumnPlan, ...], ways: tuple[Way, ...]) -> Iterator[Sought]:
    """Yield the branches of a table's columns whose values texts may name."""
    numbers = {_key(way): number for number, way in enumerate(ways)}
    for plan in plans:
        before: list[str] = []
        for branch in plan.branches:
            if _is_sought(plan, branch):
                yield Sought(plan, numbers[_key(_way(branch))], branch.when, tuple(before))
            before += [branch.when] if branch.when is not None else []


def open_texts(column: ColumnPlan, values: pl.Series) -> tuple[pl.Series, pl.Series]:
    """Return values of a column without texts that are masked in place, and those texts."""
    texts = [values.clear()]
    for branch in column.branches:
        if branch.transformer is not None:
            values, more = branch.transformer.open_texts(values)
            texts.append(more)
    return values, pl.concat(texts)


def _related(plans: tuple[ColumnPlan, ...], ways: tuple[Way, ...]) -> Iterator[ColumnPlan]:
    for plan in plans:
        if not is_open(plan):
            yield plan
            continue
        kin = tuple(
            Kin(f"{at} {each.column.name}", each.column.name, each.way, each.when, each.unless)
            for at, each in enumerate(sought_of(plans, ways))
            if each.column is not plan
        )
        yield replace(plan, branches=tuple(_told(branch, ways, kin) for branch in plan.branches))


def _told(branch: Branch, ways: tuple[Way, ...], kin: tuple[Kin, ...]) -> Branch:
    if branch.transformer is None or not branch.transformer.promises().in_place:
        return branch
    return replace(branch, transformer=branch.transformer.beside(ways, kin))


def _is_sought(plan: ColumnPlan, branch: Branch) -> bool:
    transformer = branch.transformer
    return (
        plan.masked
        and transformer is not None
        and plan.column.type.kind in _KINDS
        and branch.site.kind in transformer.kinds
        and transformer.scope is Scope.VALUE
        and transformer.name not in _NEVER
        and not transformer.needs()
        and not transformer.promises().in_place
    )


def _way(branch: Branch) -> Way:
    """Return the way of a branch: equal for columns in which equal values get equal fakes."""
    assert branch.transformer is not None  # noqa: S101 - see `_is_sought`
    site = replace(branch.site, table="", column="", nullable=True, unique=False)
    return Way(branch.transformer, site)


def _key(way: Way) -> tuple[str, Site]:
    # A plug-in need not be hashable, but what it prints tells its parameters.
    return repr(way.transformer), way.site
