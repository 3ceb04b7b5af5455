"""A plan told to people as text and to programs as JSON."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from masker.plan.model import ColumnPlan, Plan, Step
from masker.plan.modes import readers
from masker.plan.partitions import tables_of
from masker.rules.policy import Ruling, Treatment
from masker.transformers.base import Uniqueness

# Cautious figures of the data plane, for estimates only: the demo's shop on two cores, at a
# twentieth of its size and whole. Pools of names are read before the first row is masked.
BYTES_PER_SECOND = 7_500_000
START_SECONDS = 2.0
_HOW = {"sqlite": "INSERT"}  # what moves the rows of an engine, where it is not COPY
DISK_FACTOR = 1.3  # data, indexes while they build, and WAL
_NOT_LOADED = {Treatment.EMPTY: "left empty", Treatment.EXCLUDE: "excluded"}


def estimate(plan: Plan) -> tuple[float, int]:
    """Return the seconds the data plane may take and the bytes of disk the target needs."""
    moved = sum(step.bytes or 0 for step in plan.steps if step.treatment is Treatment.LOAD)
    seconds = START_SECONDS + moved / BYTES_PER_SECOND / max(1, plan.workers)
    return seconds, int(moved * DISK_FACTOR)


def as_json(plan: Plan) -> dict[str, object]:
    """Return the plan as a JSON object; names, counts and verdicts, never a value."""
    seconds, disk = estimate(plan)
    return {
        "pipeline": plan.pipeline,
        "fingerprint": plan.fingerprint,
        "source": plan.source,
        "target": plan.target,
        "mode": plan.mode,
        "clear": plan.clear or None,
        "readers": told(plan) or None,
        "key": {"id": plan.key_id, "one_way": plan.one_way},
        "locale": plan.locale,
        "pools": dict(plan.pools),
        "workers": plan.workers,
        "subset": _subset_json(plan),
        "after": plan.after,
        "estimate": {"seconds": round(seconds, 1), "disk_bytes": disk},
        "tables": [_step_json(step) for step in plan.steps],
        "sequences": [
            {"name": str(name), "last_value": last, "is_called": called}
            for name, last, called in plan.sequences
        ],
        "notes": list(plan.notes),
        "findings": [
            finding.as_json() | {"accepted": plan.findings.is_accepted(finding)}
            for finding in plan.findings
        ],
    }


def _subset_json(plan: Plan) -> dict[str, object] | None:
    if plan.subset is None:
        return None
    return {
        "roots": [str(root.table) for root in plan.subset.roots],
        "share": plan.share,
        "rows": sum(step.kept or 0 for step in plan.steps),
    }


def _step_json(step: Step) -> dict[str, object]:
    return {
        "table": str(step.table),
        "into": str(step.into),
        "treatment": step.treatment.value,
        "where": step.where,
        "rows": step.rows,
        "kept": step.kept,
        "bytes": step.bytes,
        "method": "copy",
        "columns": [
            {
                "name": column.name,
                "type": column.column.type.name,
                "verdict": column.use,
                "scope": scope(column),
                "uniqueness": column.uniqueness.value,
                "under_unique": list(column.unique),
                "moved": column.moved,
                "folded": column.fold is not None,
                "reason": column.reason,
            }
            for column in step.columns
        ],
    }


def scope(column: ColumnPlan) -> str:
    """Return what a masked column's values depend on: the widest scope of its branches."""
    order = ("value", "row", "column")
    scopes = [
        branch.transformer.scope.value
        for branch in column.branches
        if branch.transformer is not None
    ]
    return max(scopes, key=order.index) if scopes else ""


def as_text(plan: Plan) -> str:
    """Return the plan for a terminal: the summary, every table, notes; findings are told apart."""
    return "\n".join(_lines(plan)) + "\n"


def _lines(plan: Plan) -> Iterator[str]:
    yield from summary(plan)
    for step in plan.steps:
        yield ""
        yield from _step_lines(step, _HOW.get(plan.catalog.engine, "COPY"))
    if plan.notes:
        yield ""
        yield from (f"note: {text}" for text in plan.notes)


def summary(plan: Plan) -> Iterator[str]:
    """Yield the lines that a person reads first."""
    seconds, disk = estimate(plan)
    key = "one-way, no key" if plan.one_way else f"key {plan.key_id}"
    mode = f"{plan.mode} by {plan.clear}" if plan.clear else plan.mode
    yield f"plan {plan.fingerprint} of {plan.pipeline} ({mode}, {key})"
    yield f"  from      {plan.source}"
    yield f"  to        {plan.target}"
    yield f"  tables    {_tables(plan)}"
    if plan.subset is not None:
        roots = ", ".join(dict.fromkeys(str(root.table) for root in plan.subset.roots))
        share = f", a share of {plan.share:.2%}" if plan.share is not None else ""
        yield f"  subset    of {roots}{share}, and all that belongs to it"
    yield f"  columns   {_columns(plan)}"
    if told(plan):
        yield f"  readers   {told(plan)}"
    if plan.after is not None:
        yield f"  after     {plan.after}, on the new data, before it is searched and published"
    yield f"  estimate  {_duration(seconds)} to move, {_size(disk)} of disk on the target"
    yield "  target    not looked at: `masker run` checks it before it reads a row"


def told(plan: Plan) -> str:
    """Return what the plan's mode does to readers of the target, nothing for a swap."""
    return readers(plan.mode, clear=plan.clear, engine=plan.catalog.engine)


def _tables(plan: Plan) -> str:
    """Return how many tables are loaded with how many rows, and how many are not."""
    steps = [step for step in plan.steps if step.treatment is Treatment.LOAD]
    rows = sum(step.expected or 0 for step in steps)
    unknown = sum(step.expected is None for step in steps)
    about = (
        f"at least {rows:,} rows ({unknown} not analysed)" if unknown else f"about {rows:,} rows"
    )
    counts = Counter(step.treatment for step in tables_of(plan))
    others = [f"{counts[kind]} {words}" for kind, words in _NOT_LOADED.items() if counts[kind]]
    return "; ".join([f"{counts[Treatment.LOAD]} loaded, {about}", *others])


def _columns(plan: Plan) -> str:
    """Return how many columns of loaded tables are masked, kept, undecided, made by the target."""
    steps = [step for step in tables_of(plan) if step.treatment is Treatment.LOAD]
    columns = [column for step in steps for column in step.columns]
    masked = sum(column.ruling is Ruling.MASK for column in columns)
    kept = sum(column.ruling is Ruling.KEEP for column in columns)
    open_ = sum(column.ruling in {Ruling.REVIEW, Ruling.UNCOVERED} for column in columns)
    made = len(columns) - masked - kept - open_
    counted = f"{masked} masked, {kept} kept, {open_} undecided"
    return f"{counted}, {made} made by the target" if made else counted


def _step_lines(step: Step, how: str) -> Iterator[str]:
    rows = "rows unknown" if step.rows is None else f"about {step.rows:,} rows"
    if step.kept is not None:
        rows = f"{step.kept:,} kept of {rows}"
    head = f"{step.table}: {rows}, {_size(step.bytes or 0)}, {how}"
    if step.treatment is not Treatment.LOAD:
        yield f"{step.table}: {step.treatment.value}"
        return
    if step.into != step.table:
        head += f" into {step.into}"
    if step.where:
        head += f" where {step.where}"
    yield head
    wide = max((len(column.name) for column in step.columns), default=0)
    types = max((len(column.column.type.name) for column in step.columns), default=0)
    uses = max((len(column.use) for column in step.columns), default=0)
    for column in step.columns:
        marks = [scope(column)] if column.masked and scope(column) != "value" else []
        if column.unique and column.masked and column.uniqueness is not Uniqueness.NONE:
            marks.append(column.uniqueness.value)
        if column.fold is not None:
            marks.append("folded into the partitions")
        if not column.moved:
            marks.append("not moved")
        mark = f"[{', '.join(marks)}] " if marks else ""
        yield (
            f"  {column.name:<{wide}}  {column.column.type.name:<{types}}  "
            f"{column.use:<{uses}}  {mark}{column.reason}"
        ).rstrip()


def _duration(seconds: float) -> str:
    if seconds < 60:  # noqa: PLR2004 - seconds in a minute
        return f"{max(1, round(seconds))} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"


def _size(size: float) -> str:
    for unit in ("B", "kB", "MB", "GB"):
        if size < 1000:  # noqa: PLR2004 - the step between units
            return f"{size:.0f} {unit}"
        size /= 1000
    return f"{size:.1f} TB"
