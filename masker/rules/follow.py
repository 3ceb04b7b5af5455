"""Keys and what refers to them go one way: a verdict on a key holds for its foreign keys too.

All columns that foreign keys tie together form a family; the keys at its top lead, the others
follow with the same transformer and domain. A follower that is told otherwise is a contradiction.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

from masker.catalog import Catalog, Column, Kind, TableName
from masker.catalog.graph import Graph
from masker.findings import Finding, error
from masker.rules.policy import Ruling, Verdict
from masker.transformers.base import Scope

Place = tuple[TableName, str]
NULL = "null"


@dataclass(frozen=True, slots=True)
class Named:
    """Columns that the pipeline itself decides on: by their exact names, or by a glob."""

    exact: frozenset[Place]
    wide: frozenset[Place]


def follow(
    catalog: Catalog,
    graph: Graph,
    chosen: Mapping[Place, Verdict],
    named: Named,
    loaded: frozenset[TableName],
) -> tuple[dict[Place, Verdict], dict[Place, Place], tuple[Finding, ...]]:
    """Return the verdicts with every follower's replaced, each follower's leader, and findings.

    `chosen` has every column of every table that is no partition; only foreign keys between
    `loaded` tables count. A nullable foreign key that the pipeline sets to NULL by name is cut off
    and follows nobody. What a glob says yields to the key, unless it masks what the key keeps.
    """
    families = _Families(catalog, graph, chosen, named, loaded)
    settled = dict(chosen)
    leaders: dict[Place, Place] = {}
    found: list[Finding] = []
    for family in families:
        top = families.leaders(family)
        leader = min(top, key=lambda place: (place not in named.exact, place))
        verdict = chosen[leader]
        found += _check_leader(catalog, family, leader, verdict)
        followed = replace(
            verdict,
            reason=f"follows `{_spell(leader)}`: {verdict.reason}",
            length=_shortest(catalog, family, verdict),
        )
        settled[leader] = replace(verdict, length=followed.length)
        for place in sorted(family - {leader}):
            told = chosen[place]
            leaders[place] = leader
            bound = (
                place in named.exact
                # A second key at the top has a say of its own, unless the pipeline names the first.
                or (place in top and leader not in named.exact)
                or (place in named.wide and Ruling.MASK is told.ruling is not verdict.ruling)
            )
            if told.ruling is Ruling.GENERATED:
                found += _check_generated(place, leader, verdict)
                continue
            if bound and verdict.ruling is not Ruling.UNCOVERED and not alike(told, verdict):
                found.append(_contradiction(place, told, leader, verdict))
            settled[place] = followed
    return settled, leaders, tuple(found)


def alike(one: Verdict, other: Verdict) -> bool:
    """Tell whether two verdicts do the same to equal values."""
    return (one.ruling, one.transformer, one.domain, one.locale, one.when) == (
        other.ruling,
        other.transformer,
        other.domain,
        other.locale,
        other.when,
    )


class _Families:
    """Columns tied by the foreign keys that count, partitions seen as their root."""

    def __init__(
        self,
        catalog: Catalog,
        graph: Graph,
        chosen: Mapping[Place, Verdict],
        named: Named,
        loaded: frozenset[TableName],
    ) -> None:
        self._up: dict[Place, set[Place]] = {}
        self._linked: dict[Place, set[Place]] = {}
        for table in catalog.tables:
            for key in table.foreign_keys:
                if not {key.table, key.parent} <= loaded:
                    continue
                child, parent = graph.root_of(key.table), graph.root_of(key.parent)
                for mine, theirs in zip(key.columns, key.parent_columns, strict=True):
                    self._tie((child, mine), (parent, theirs), catalog, chosen, named)

    def _tie(
        self,
        child: Place,
        parent: Place,
        catalog: Catalog,
        chosen: Mapping[Place, Verdict],
        named: Named,
    ) -> None:
        cut = child in named.exact and chosen[child].use == NULL and chosen[child].when is None
        if child == parent or (cut and _column(catalog, child).nullable):
            return
        self._up.setdefault(child, set()).add(parent)
        self._linked.setdefault(child, set()).add(parent)
        self._linked.setdefault(parent, set()).add(child)

    def __iter__(self) -> Iterator[frozenset[Place]]:
        seen: set[Place] = set()
        for start in sorted(self._linked):
            if start in seen:
                continue
            family = {start}
            waiting = [start]
            while waiting:
                for near in self._linked[waiting.pop()] - family:
                    family.add(near)
                    waiting.append(near)
            seen |= family
            yield frozenset(family)

    def leaders(self, family: frozenset[Place]) -> frozenset[Place]:
        """Return the columns of a family that refer to no other; in a ring, all referred to."""
        top = frozenset(place for place in family if place not in self._up)
        return top or frozenset(parent for place in family for parent in self._up.get(place, ()))


def _column(catalog: Catalog, place: Place) -> Column:
    return catalog.table(place[0]).column(place[1])


def _spell(place: Place) -> str:
    return f"{place[0]}.{place[1]}"


def _shortest(catalog: Catalog, family: Iterable[Place], verdict: Verdict) -> int | None:
    """Return the shortest length of a family's columns, for fakes that fit all of them."""
    if verdict.ruling is not Ruling.MASK:
        return None
    lengths = [_column(catalog, place).type.length for place in family]
    return min((length for length in lengths if length is not None), default=None)


def _contradiction(place: Place, told: Verdict, leader: Place, verdict: Verdict) -> Finding:
    there = f" ({verdict.position})" if verdict.position else ""
    says = told.use or told.ruling.value
    leads = verdict.use or verdict.ruling.value
    return error(
        "contradiction",
        f"`{_spell(place)}` is told `{says}`, but it is tied by foreign keys to "
        f"`{_spell(leader)}`, which is told `{leads}`{there}",
        subject=_spell(place),
        at=told.position,
        help=f"write one verdict, on `{_spell(leader)}`, and remove this one",
    )


def _check_leader(
    catalog: Catalog, family: frozenset[Place], leader: Place, verdict: Verdict
) -> Iterator[Finding]:
    """Yield what makes a verdict unfit for a key that others refer to."""
    if verdict.ruling is not Ruling.MASK:
        return
    rows = verdict.transformer is not None and verdict.transformer.scope is not Scope.VALUE
    if verdict.when is not None or rows:
        yield error(
            "key-scope",
            f"`{verdict.use}` on the key `{_spell(leader)}` depends on "
            f"{'other columns of its row' if verdict.when is None else 'a condition'}, "
            "which the rows that refer to it do not have",
            subject=_spell(leader),
            at=verdict.position,
            help="give keys a transformer of scope `value` without `when`, or keep them",
        )
    types = {_kind(_column(catalog, place)) for place in family}
    if len(types) > 1:
        others = ", ".join(f"`{_spell(place)}`" for place in sorted(family - {leader}))
        yield error(
            "key-types",
            f"`{verdict.use}` on `{_spell(leader)}` cannot be equal in {others}: "
            f"the types are {', '.join(sorted(types))}",
            subject=_spell(leader),
            at=verdict.position,
            help="keep the key, or give its columns one type in the source",
        )


def _kind(column: Column) -> str:
    # Integer keys are permuted within the space of their type; other kinds have one text form.
    kind = column.type.kind
    return column.type.base if kind is Kind.INTEGER else kind.value


def _check_generated(place: Place, leader: Place, verdict: Verdict) -> Iterator[Finding]:
    if verdict.ruling is Ruling.MASK:
        yield error(
            "contradiction",
            f"`{_spell(place)}` is computed by the server and tied by foreign keys to "
            f"`{_spell(leader)}`, which is told `{verdict.use}`",
            subject=_spell(place),
            at=verdict.position,
            help=f"keep `{_spell(leader)}`",
        )
