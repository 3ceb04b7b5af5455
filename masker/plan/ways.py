"""Tell what masks texts in place how the columns go whose values those texts may name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from masker.catalog import Kind, TableName
from masker.plan.model import Branch, ColumnPlan
from masker.transformers.base import Kin, Scope, Site, Transformer, Way

_KINDS = frozenset({Kind.TEXT, Kind.UUID, Kind.INET})
_NEVER = frozenset({"json", "recompute", "null"})  # what has no fake for a single value
Columns = Mapping[TableName, tuple[ColumnPlan, ...]]


@dataclass(frozen=True, slots=True)
class Sought:
    """A branch of a masked column whose values texts may name, and the way that masks them.

    `part` is the number of the leaves of its documents, None for whole values.
    """

    column: ColumnPlan
    way: int
    when: str | None
    unless: tuple[str, ...]
    transformer: Transformer
    part: int | None = None


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
        for _, way in _sought(plan, branch)
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
            for part, way in _sought(plan, branch):
                assert branch.transformer is not None  # noqa: S101 - see `_sought`
                at = numbers[_key(way)]
                yield Sought(plan, at, branch.when, tuple(before), branch.transformer, part)
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
            if each.column is not plan and each.part is None
        )
        yield replace(plan, branches=tuple(_told(branch, ways, kin) for branch in plan.branches))


def _told(branch: Branch, ways: tuple[Way, ...], kin: tuple[Kin, ...]) -> Branch:
    if branch.transformer is None or not branch.transformer.promises().in_place:
        return branch
    return replace(branch, transformer=branch.transformer.beside(ways, kin))


def _sought(plan: ColumnPlan, branch: Branch) -> Iterator[tuple[int | None, Way]]:
    """Yield the ways whose values texts may name: of whole values, or of leaves of documents."""
    if not plan.masked or branch.transformer is None:
        return
    whole = Way(branch.transformer, branch.site)
    if plan.column.type.kind in _KINDS and _tells(whole):
        yield None, _anywhere(whole)
    for part, inner in branch.transformer.inner(branch.site).items():
        if _tells(inner):
            yield part, _anywhere(inner)


def _tells(way: Way) -> bool:
    """Tell whether one value alone has its fake by this way."""
    transformer = way.transformer
    return (
        way.site.kind in transformer.kinds
        and transformer.scope is Scope.VALUE
        and transformer.name not in _NEVER
        and not transformer.needs()
        and not transformer.promises().in_place
    )


def _anywhere(way: Way) -> Way:
    """Return the way of a value wherever it stands: equal values get equal fakes by it."""
    return replace(way, site=replace(way.site, table="", column="", nullable=True, unique=False))


def _key(way: Way) -> tuple[str, Site]:
    # A plug-in need not be hashable, but what it prints tells its parameters.
    return repr(way.transformer), way.site
