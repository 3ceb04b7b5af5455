"""Draft a pipeline for a database: every column once, with a verdict and a comment why.

Columns that follow a key have a comment only: the verdict stands on the key.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from masker.catalog import Catalog, Column, Kind, Table, TableName
from masker.detect.entities import Entity
from masker.detect.names import snake
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
_COMMENT_AT = 44  # column where comments begin, if the verdict leaves room
# Rows that would leave the house if a worker found them in staging.
_WIRES = frozenset(
    {"outbox", "mail_queue", "email_queue", "mail_outbox", "email_outbox", "sms_queue"}
)


def draft(
    catalog: Catalog,
    *,
    name: str,
    source: str = "${SOURCE_URL}",
    target: str = "${TARGET_URL}",
    packs: Sequence[str] = PACKS,
    locale: str = "en_US",
    countries: Sequence[str] = (),
) -> str:
    """Return the YAML text of a pipeline that decides on every column of a catalog.

    `source` and `target` are written as they are, so they should be `${…}`. Verdicts come from
    the packs; what they leave open, or what would not fit the column, is written as `review`. The
    text reads back without a finding, and resolves with none but `review`. Names only: no value
    of the source is in it.
    """
    head = [
        "version: 1",
        f"name: {flow(name)}",
        f"source: {{url: {flow(source)}, schemas: {flow(list(catalog.schemas))}}}",
        f"target: {{url: {flow(target)}, mode: swap}}",
        f"locale: {flow(locale)}",
        f"countries: {flow(list(countries))}",
    ]
    skeleton = "\n".join([*head, f"rules: {flow(list(packs))}", ""])
    pipeline = parse_pipeline(skeleton, file=Path("draft.yaml"), environ={}, lenient=True)
    found = resolution(pipeline, catalog)
    lines = [
        "# Drafted from names and types alone: no value was read.",
        "# Read every line, decide where it says `review`, and commit the file. A column that is",
        "# added to the source later stops the run until it has a line here.",
        *head,
        "rules: []  # all is decided below; packs would decide on new columns too",
        "uncovered: fail",
    ]
    wires = [table.name for table in catalog.tables if _is_wire(catalog, table)]
    if wires:
        lines.append("tables:  # a worker would send these from staging")
        lines += [f"  {flow(str(table))}: empty" for table in wires]
    tables = [table for table in catalog.tables if not table.is_partition and not table.extension]
    ties = _ties(found)
    decided = [
        line
        for table in tables
        if table.columns
        for line in ("", *_table(table, found, ties, catalog))
    ]
    # A table whose columns all follow is a comment, and so may be all tables.
    some = any(line and not line.lstrip().startswith("#") for line in decided)
    return "\n".join([*lines, "columns:" if some else "columns: {}", *decided, ""])


def _table(
    table: Table, found: Resolution, ties: Mapping[Place, Sequence[Place]], catalog: Catalog
) -> list[str]:
    lines = []
    decides = False
    for column in table.columns:
        leader = found.leaders.get((table.name, column.name))
        if leader is None or column.generated:
            decides = True
            lines.append(_line(table, column, found, ties, catalog))
        else:
            spelled = f"{flow(column.name)} follows {leader[0]}.{leader[1]}"
            lines.append(f"    # {_one_line(spelled)}")
    head = f"{flow(str(table.name))}:"
    return [f"  {head}" if decides else f"  # {_one_line(head)}", *lines]


def _line(
    table: Table,
    column: Column,
    found: Resolution,
    ties: Mapping[Place, Sequence[Place]],
    catalog: Catalog,
) -> str:
    place = (table.name, column.name)
    verdict = found.policy.columns[place]
    written, why = _written(verdict, [_look_up(catalog, each) for each in ties.get(place, ())])
    proposal = found.proposals.get(place)
    if column.generated:
        written, why = KEEP, "the target computes it"
    elif written == REVIEW and column.type.kind is Kind.TSVECTOR and _has_trigger(table):
        written, why = RECOMPUTE, "made anew from masked text by the table's trigger"
    else:
        if proposal is not None and proposal.entity is Entity.REGION and written != KEEP:
            written, why = REVIEW, "fakes are names, which a code such as SP would become too"
        why = _why(column, verdict, found, place, why)
    line = f"    {flow(column.name)}: {written}"
    return f"{line.ljust(_COMMENT_AT)}  # {_one_line(f'{column.type.name}; {why}')}"


def _one_line(said: str) -> str:
    """Return words fit for a comment: names may hold line ends and control characters."""
    return " ".join("".join(c if c.isprintable() else " " for c in said).split())


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


def _why(column: Column, verdict: Verdict, found: Resolution, place: Place, changed: str) -> str:
    proposal = found.proposals.get(place)
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


def _is_wire(catalog: Catalog, table: Table) -> bool:
    name = snake(table.name.name)
    if name not in _WIRES and not name.endswith("_outbox"):
        return False
    return not any(_refers(each, table.name) for each in catalog.tables)


def _refers(table: Table, to: TableName) -> bool:
    return any(key.parent == to for key in table.foreign_keys)
