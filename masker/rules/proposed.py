"""A proposed verdict for every column of a catalog, and why: what drafts and scans say."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from masker.catalog import Catalog, Column, Kind, Table
from masker.detect.entities import Entity
from masker.detect.names import Proposal
from masker.rules.fitting import ONE_TO_ONE, is_unique, problems
from masker.rules.flow import flow, rule_flow
from masker.rules.pipeline import parse_pipeline
from masker.rules.policy import Ruling, Verdict
from masker.rules.resolve import Place, Resolution, resolution
from masker.rules.sections import Rule
from masker.rules.verdicts import KEEP, REVIEW
from masker.transformers.base import Transformer, Uniqueness

PACKS = ("base", "finance", "health", "secrets")
RECOMPUTE = "recompute"
_NOTHING: Mapping[Place, str] = MappingProxyType({})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposed:
    """A verdict as YAML, why it is proposed, and the key that the column follows, if one."""

    written: str
    why: str
    leader: Place | None = None


def proposed(
    catalog: Catalog,
    *,
    packs: Sequence[str] = PACKS,
    locale: str = "en_US",
    countries: Sequence[str] = (),
    proposals: Iterable[Proposal] | None = None,
    closed: Mapping[Place, str] = _NOTHING,
    seen: Mapping[Place, str] = _NOTHING,
) -> dict[Place, Proposed]:
    """Return a proposal for each column that is in no partition and in no extension's table.

    Verdicts come from the packs; what they leave open, or what would not fit the column, is
    `review`. `closed` are columns of which values showed that they hold a short list of words of
    no person, with the reason: they are kept, unless a rule says more. `seen` says of columns what
    their values showed, for whoever decides on them.
    """
    head = [
        "version: 1",
        "name: draft",
        'source: {url: "${SOURCE_URL}"}',
        'target: {url: "${TARGET_URL}"}',
        f"locale: {flow(locale)}",
        f"countries: {flow(list(countries))}",
        f"rules: {flow(list(packs))}",
        "",
    ]
    pipeline = parse_pipeline("\n".join(head), file=Path("draft.yaml"), environ={}, lenient=True)
    found = resolution(pipeline, catalog, proposals)
    ties = _ties(found)
    return {
        (table.name, column.name): _proposed(table, column, found, ties, catalog, closed, seen)
        for table in catalog.tables
        if not table.is_partition and not table.extension
        for column in table.columns
    }


def _proposed(
    table: Table,
    column: Column,
    found: Resolution,
    ties: Mapping[Place, Sequence[Place]],
    catalog: Catalog,
    closed: Mapping[Place, str],
    seen: Mapping[Place, str],
) -> Proposed:
    place = (table.name, column.name)
    leader = found.leaders.get(place)
    verdict = found.policy.columns[place]
    tied = ties.get(leader or place, ())
    written, why = _written(verdict, [_look_up(catalog, each) for each in tied])
    proposal = found.proposals.get(place)
    if column.generated:
        return Proposed(written=KEEP, why="the target computes it")
    if leader is not None:
        return Proposed(written=written, why=f"follows {leader[0]}.{leader[1]}", leader=leader)
    if written == REVIEW and column.type.kind is Kind.TSVECTOR and _has_trigger(table):
        return Proposed(written=RECOMPUTE, why="made anew from masked text by the table's trigger")
    if written == REVIEW and proposal is None and place in closed:
        return Proposed(written=KEEP, why=closed[place])
    if proposal is not None and proposal.entity is Entity.REGION and written != KEEP:
        why = "a scramble keeps its shape, not its sense: a list of regions may rather be kept"
        written = REVIEW
    if written == REVIEW and place in seen:
        why = "; ".join(part for part in (why, seen[place]) if part)
    return Proposed(written=written, why=_why(column, verdict, proposal, why))


def _ties(found: Resolution) -> Mapping[Place, Sequence[Place]]:
    """Return for each column those that carry its verdict too: a key and what follows it."""
    ties = {place: [place] for place in found.policy.columns}
    for place, leader in found.leaders.items():
        ties[leader].append(place)
    return ties


def _look_up(catalog: Catalog, place: Place) -> tuple[Table, Column]:
    table = catalog.table(place[0])
    return table, table.column(place[1])


def _written(verdict: Verdict, ties: list[tuple[Table, Column]]) -> tuple[str, str]:
    """Return a verdict as YAML, and why it is not the one that the packs gave, if so."""
    transformer = verdict.transformer
    if verdict.ruling is Ruling.KEEP:
        return KEEP, ""
    if transformer is None:
        return REVIEW, ""
    for table, column in ties:
        wrong = problems(transformer, column)
        if wrong:
            return REVIEW, f"{verdict.use} does not fit: {wrong[0]}"
        if is_unique(table, column) and transformer.promises().uniqueness is Uniqueness.NONE:
            instead = ONE_TO_ONE.get(column.type.kind)
            if instead is None:
                return REVIEW, f"{verdict.use} may give two rows the same value"
            return instead, "unique"
    rule = Rule.model_validate(
        {"use": verdict.use, "with": _params(transformer), "domain": verdict.domain}
    )
    return rule_flow(rule), ""


def _params(transformer: Transformer) -> dict[str, object]:
    given = {param.name: getattr(transformer, param.name) for param in transformer.params}
    defaults = {param.name: param.default for param in transformer.params}
    return {name: value for name, value in given.items() if value != defaults[name]}


def _why(column: Column, verdict: Verdict, proposal: Proposal | None, changed: str) -> str:
    said = (
        f"{proposal.entity} {proposal.score:.2f}: {', '.join(proposal.evidence)}"
        if proposal is not None
        else ""
    )
    if verdict.ruling is Ruling.KEEP and not said:
        said = "safe by its type" if column.type.kind is not Kind.TEXT else verdict.reason
    elif verdict.ruling is Ruling.UNCOVERED:
        said = f"perhaps {said}" if said else "nothing says what it holds"
    return "; ".join(part for part in (said, changed) if part)


def _has_trigger(table: Table) -> bool:
    return any(trigger.before_insert for trigger in table.triggers)
