"""A pipeline for a source that has none yet: from rule packs, or drafted in memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.catalog import Catalog, Column, Kind, Table, TableName
from masker.engines.registry import engine_of
from masker.findings import Findings
from masker.keys import Keyring
from masker.pipelines.planning import make_plan
from masker.pipelines.scan import scan
from masker.pipelines.source_url import url_of
from masker.rules.draft import draft, named
from masker.rules.fitting import ONE_TO_ONE, is_unique, problems
from masker.rules.flow import flow
from masker.rules.pipeline import Pipeline, parse_pipeline
from masker.rules.sections import Rule
from masker.rules.verdicts import REVIEW
from masker.transformers import registry

_DAYS = frozenset({Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
# The URL stands in no text, so that no complaint can show it.
_URL = "MASKER_SNAPSHOT_SOURCE"


def with_packs(
    source: str, packs: Sequence[str], *, schemas: Sequence[str], environ: Mapping[str, str]
) -> Pipeline:
    """Return a pipeline whose rules are those of packs: shipped ones by name, others by path.

    `source` is a URL or `${VARIABLE}`; a column that no pack decides on stops a run.
    """
    url = url_of(source, environ)
    text = "\n".join(
        (
            "version: 1",
            f"name: {flow(_name(url))}",
            f"source: {{url: {flow(_written(_URL))}, schemas: {flow(list(schemas))}}}",
            f"target: {{url: {flow(_written(_URL))}}}",
            f"rules: {flow(list(packs))}",
        )
    )
    return parse_pipeline(text, file=Path.cwd() / "--rules", environ={**environ, _URL: url})


@dataclass(frozen=True, kw_only=True)
class DraftedInMemory:
    """A drafted pipeline, what could not be looked at, and the columns that nobody decided on."""

    pipeline: Pipeline
    findings: Findings
    undecided: tuple[str, ...]


def drafted(
    source: str,
    *,
    schemas: Sequence[str],
    countries: Sequence[str],
    environ: Mapping[str, str],
) -> DraftedInMemory:
    """Look at a source as `init` does and return the pipeline that it would write.

    What `init` leaves to a person is scrambled: one to one under a unique key, and emptied where
    its type cannot be scrambled. Days that a CHECK compares are shifted alike in each row.
    """
    url = url_of(source, environ)
    looked = scan(url, schemas=schemas, countries=countries)
    text = draft(
        looked.catalog,
        name=_name(url),
        source=_written(_URL),
        target=_written(_URL),
        countries=[country.upper() for country in countries],
        proposals=looked.proposals,
        closed=looked.closed,
        seen=looked.seen,
    )
    made = parse_pipeline(text, file=Path.cwd() / "--draft", environ={**environ, _URL: url})
    undecided = list(_undecided(made, looked.catalog))
    instead = {
        (table.name, column.name): Rule(use=use)
        for table, column in undecided
        if (use := _instead(table, column)) is not None
    }
    made = _with(made.model_copy(update={"uncovered": "scramble"}), instead)
    found = make_plan(made, looked.catalog, keys=Keyring.ephemeral(), source="", target="").findings
    # Of few values none can be masked well; what is under a key must be masked one to one.
    weak = [each.id for each in found if each.code == "weak-space"]
    made = made.model_copy(update={"accept": (*made.accept, *weak)})
    shifted = dict(_shifted(looked.catalog, found))
    return DraftedInMemory(
        pipeline=_with(made, shifted),
        findings=looked.findings,
        undecided=tuple(f"{table.name}.{column.name}" for table, column in undecided),
    )


def _undecided(pipeline: Pipeline, catalog: Catalog) -> Iterator[tuple[Table, Column]]:
    for table in catalog.tables:
        rules = pipeline.columns.get(str(table.name), {})
        for column in table.columns:
            if any(rule.use == REVIEW for rule in rules.get(column.name, ())):
                yield table, column


def _instead(table: Table, column: Column) -> str | None:
    """Return what masks a column that `uncovered: scramble` cannot; None where it can."""
    kind = column.type.kind
    if is_unique(table, column) and kind in ONE_TO_ONE:
        return ONE_TO_ONE[kind]
    if column.nullable or kind is Kind.JSON or kind in registry.get("scramble").kinds:
        return None
    return None if problems(registry.build("redact"), column) else "redact"


def _shifted(catalog: Catalog, found: Findings) -> Iterator[tuple[tuple[TableName, str], Rule]]:
    """Yield verdicts for days that a CHECK compares: all of a row's are shifted alike."""
    refused = {each.subject for each in found if each.code == "constraint-columns"}
    for table in catalog.tables:
        key = table.primary_key
        if key is None or len(key.columns) != 1:
            continue
        for check in table.checks:
            if not refused & {f"{table.name}.{name}" for name in check.columns}:
                continue
            for name in check.columns:
                if table.column(name).type.kind in _DAYS:
                    rule = Rule.model_validate(
                        {"use": "shift_date", "with": {"per": key.columns[0]}}
                    )
                    yield (table.name, name), rule


def _with(pipeline: Pipeline, rules: Mapping[tuple[TableName, str], Rule]) -> Pipeline:
    """Return a drafted pipeline with other verdicts for some columns."""
    columns = {table: dict(written) for table, written in pipeline.columns.items()}
    for (table, column), rule in rules.items():
        columns[str(table)][column] = (rule,)
    return pipeline.model_copy(update={"columns": columns})


def _written(variable: str) -> str:
    return f"${{{variable}}}"


def _name(url: str) -> str:
    return named(engine_of(url).address(url).database, "snapshot")
