"""From a pipeline and a live source to a plan: read the catalog, resolve the rules, build."""

from __future__ import annotations

import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from pathlib import Path

from masker.catalog import Catalog, TableName
from masker.engines.engine import Engine, Source
from masker.engines.registry import engine_of
from masker.engines.rows import Ids
from masker.errors import ConfigError, MaskerError, UnsafeError
from masker.extract import Pace
from masker.findings import Finding, Findings, note
from masker.keys import Keyring
from masker.load.guard import ALLOWABLE
from masker.load.settings import SWAP
from masker.pipelines.spaces import outside_spaces
from masker.pipelines.subset import kept_rows
from masker.plan.build import Frame, build
from masker.plan.model import Plan
from masker.plan.modes import SWAPS
from masker.rules.accept import accepted
from masker.rules.pipeline import Pipeline, load_pipeline, not_yet
from masker.rules.policy import Treatment
from masker.rules.resolve import resolve
from masker.rules.root_text import with_roots
from masker.rules.subset_names import resolve_subset
from masker.subset.choose import Kept

# What a person must decide before anything is read, or that makes reading unsafe: exit code 3.
UNSAFE = frozenset(
    {
        "uncovered",
        "review",
        "no-select",
        "row-security",
        "encoding",
        "unlogged-on-standby",
        "same-database",
        "seal-unkeyed",
        "seal-without-key",
        *ALLOWABLE,
    }
)


@dataclass(frozen=True, kw_only=True)
class Planned:
    """A plan, the source in whose snapshot it was made, and the key."""

    pipeline: Pipeline
    plan: Plan
    source: Source = field(repr=False)
    began: float  # seconds since 1970 at which the snapshot was taken
    keys: Keyring
    subset: Kept | None = field(default=None, repr=False)

    @property
    def kept(self) -> Mapping[TableName, Ids | None]:
        """Return the rows that a subset keeps, by table; a table that is not there goes whole."""
        return {} if self.subset is None else self.subset.rows


def key_of(pipeline: Pipeline, environ: Mapping[str, str]) -> Keyring:
    """Return the pipeline's key, the environment's, or one that ends with the run."""
    if pipeline.key is not None:
        return Keyring.parse(pipeline.key)
    return Keyring.from_environment(environ) or Keyring.ephemeral()


def opened(
    pipeline: str | Path | Pipeline, environ: Mapping[str, str], *, roots: Sequence[str] = ()
) -> Pipeline:
    """Read a pipeline, unless it is one already; ConfigError for what is not there yet.

    `roots`, as on the command line, take the place of those of its subset.
    """
    made = (
        pipeline
        if isinstance(pipeline, Pipeline)
        else load_pipeline(Path(pipeline), environ=environ)
    )
    missing = not_yet(made)
    if missing.blocking:
        raise ConfigError.from_findings(missing)
    return with_roots(made, roots)


@contextmanager
def planned(
    pipeline: Pipeline, *, keys: Keyring, trace: bool = False, target: str | None = None
) -> Iterator[Planned]:
    """Make a plan inside a snapshot that stays open while the block runs; nothing is written.

    `target` is how the plan names a target that is not the pipeline's, such as a folder. The plan
    may have findings that stop a run: `refuse` raises them. Rows of a subset are chosen only if
    nothing does; `trace` keeps what is needed to say why a row is among them.
    """
    engine = engine_of(pipeline.source.url)
    if target is None:
        target = str(engine_of(pipeline.target.url).address(pipeline.target.url))
    else:
        beside = pipeline.target.model_copy(update={"mode": SWAP})
        pipeline = pipeline.model_copy(update={"target": beside})
    address, limits = engine.address(pipeline.source.url), pipeline.source.limits
    began = time.time()
    with engine.open_source(
        address,
        statement_timeout=_seconds(limits.statement_timeout, otherwise=300.0),
        lock_timeout=_seconds(limits.lock_timeout, otherwise=10.0),
    ) as source:
        catalog = source.catalog(schemas=pipeline.source.schemas or None)
        plan = make_plan(
            pipeline,
            catalog,
            keys=keys,
            source=str(address),
            target=target,
        )
        found = list(
            source.missing_rights(
                catalog,
                tables={step.table for step in plan.steps if step.treatment is Treatment.LOAD},
                encoding=pipeline.source.encoding,
            )
        )
        found += _fewer_lanes(pipeline, engine)
        if not (plan.findings + found).blocking:  # else no row may be read, not for a bound either
            found += outside_spaces(source, plan)
        plan, kept = _with(plan, found), None
        if not plan.findings.blocking:
            plan, kept = kept_rows(pipeline, plan, source, trace=trace)
        yield Planned(
            pipeline=pipeline,
            plan=plan,
            subset=kept,
            source=source,
            began=began,
            keys=keys,
        )


def _fewer_lanes(pipeline: Pipeline, engine: Engine) -> Iterator[Finding]:
    if engine.lanes is not None and pipeline.workers > engine.lanes:
        yield note(
            "one-lane",
            f"{engine.title} shares a snapshot among {engine.lanes} worker(s), not "
            f"{pipeline.workers}; so many are used",
            subject="workers",
        )
    elif pipeline.target.mode not in SWAPS and pipeline.workers > 1:
        yield note(
            "one-lane",
            f"`mode: {pipeline.target.mode}` writes on one session, so 1 worker is used, not "
            f"{pipeline.workers}",
            subject="workers",
        )


def make_plan_of(path: Path, *, environ: Mapping[str, str], roots: Sequence[str] = ()) -> Plan:
    """Return the plan of a pipeline file, for a look: nothing is moved and nothing refused.

    `roots`, as on the command line, take the place of those of its subset.
    """
    pipeline = opened(path, environ, roots=roots)
    with planned(pipeline, keys=key_of(pipeline, environ)) as ready:
        return ready.plan


def lanes_of(pipeline: Pipeline) -> int:
    """Return how many lanes read at once: one connection keeps the snapshot for all of them.

    Where rows go into the target itself, one session writes all of them, in one lane.
    """
    if pipeline.target.mode not in SWAPS:
        return 1
    limit, most = pipeline.source.limits.connections, engine_of(pipeline.source.url).lanes
    lanes = pipeline.workers if limit is None else max(1, min(pipeline.workers, limit - 1))
    return lanes if most is None else min(lanes, most)


def pace_of(pipeline: Pipeline, *, began: float) -> Pace:
    """Return the limits of each lane, from those of the pipeline."""
    limits = pipeline.source.limits
    rate, age, longest = limits.rows_per_second, limits.max_snapshot_age, limits.max_duration
    return Pace(
        rows_per_second=rate / lanes_of(pipeline) if rate else None,
        until=began + age.total_seconds() if age else None,
        max_duration=longest.total_seconds() if longest else None,
    )


def _seconds(limit: timedelta | None, *, otherwise: float) -> float:
    return otherwise if limit is None else limit.total_seconds()


def make_plan(
    pipeline: Pipeline, catalog: Catalog, *, keys: Keyring, source: str, target: str
) -> Plan:
    """Resolve the pipeline's rules for a catalog and build the plan; no effects.

    `source` and `target` are how plan and manifest name the two.
    """
    policy = resolve(pipeline, catalog)
    subset, wrong = resolve_subset(pipeline, catalog, policy.tables)
    frame = Frame(
        pipeline=pipeline.name,
        source=source,
        target=target,
        mode=pipeline.target.mode,
        clear=pipeline.target.clear if pipeline.target.mode == "replace" else "",
        key_id=keys.id,
        one_way=keys.one_way,
        scheme=keys.scheme,
        locale=pipeline.locale,
        countries=pipeline.countries,
        workers=pipeline.workers,
        accept=accepted(pipeline, catalog),
        subset=subset,
        after=f"{after.file} ({after.digest})" if (after := pipeline.statements) else None,
    )
    return build(frame, catalog, replace(policy, findings=policy.findings + wrong))


def _with(plan: Plan, found: list[Finding]) -> Plan:
    return replace(plan, findings=plan.findings + found)


def refusal(findings: Findings) -> MaskerError | None:
    """Return what stops a run: UnsafeError when a person must decide first, else ConfigError."""
    blocking = findings.blocking
    if not blocking:
        return None
    unsafe = any(finding.code in UNSAFE for finding in blocking)
    return (UnsafeError if unsafe else ConfigError).from_findings(findings)


def refuse(findings: Findings) -> None:
    """Raise what stops a run, see `refusal`."""
    refused = refusal(findings)
    if refused is not None:
        raise refused
