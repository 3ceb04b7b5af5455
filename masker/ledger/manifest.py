"""The manifest: one JSON file per run that says what became of every column; never a value."""

from __future__ import annotations

import contextlib
import json
import os
import platform
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path

from masker.errors import ConfigError, TryAgainError
from masker.findings import Findings
from masker.plan.model import Branch, ColumnPlan, Plan

FORMAT = 1
_MODE = 0o644  # it holds no secret: people pass it on
_PACKAGES = ("masker", "polars", "polars-hash", "faker", "psycopg")


@dataclass(frozen=True, kw_only=True)
class Manifest:
    """One run's record. `outcome` is published, failed or refused, in the caller's words.

    `started` and `finished` are ISO 8601 in UTC, `seconds` of the phases, `rows` per table,
    `audit` the audit's own figures, None when it was not reached.
    """

    run: str
    pipeline: str
    outcome: str
    started: str
    finished: str
    plan: Plan | None = None
    findings: Findings = field(default_factory=Findings)
    rows: Mapping[str, int] = field(default_factory=dict)
    columns: Mapping[str, Mapping[str, object]] = field(default_factory=dict)
    audit: Mapping[str, object] | None = None
    seconds: Mapping[str, float] = field(default_factory=dict)

    def as_json(self) -> dict[str, object]:
        """Return the manifest as a JSON object. `columns` adds counts to what the plan says."""
        plan = self.plan
        return {
            "format": FORMAT,
            "run": self.run,
            "pipeline": self.pipeline,
            "outcome": self.outcome,
            "started": self.started,
            "finished": self.finished,
            "seconds": {name: round(taken, 3) for name, taken in self.seconds.items()},
            "versions": versions(),
            "plan": _plan_facts(plan) if plan else None,
            "rows": dict(self.rows),
            "columns": column_facts(plan, self.columns) if plan else [],
            "audit": self.audit,
            "findings": [
                {**finding.as_json(), "accepted": self.findings.is_accepted(finding)}
                for finding in self.findings
            ],
        }


def versions() -> dict[str, str]:
    """Return the versions of what decides a run's output."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            found[package] = version(package)
    return found


def _plan_facts(plan: Plan) -> dict[str, object]:
    return {
        "fingerprint": plan.fingerprint,
        "source": plan.source,
        "target": plan.target,
        "mode": plan.mode,
        "engine": plan.catalog.engine,
        "server": plan.catalog.version,
        "key": plan.key_id,
        "one_way": plan.one_way,
        # Whoever has the key can compute the pseudonyms again; without it nobody can.
        "result": "one-way, key destroyed" if plan.one_way else "pseudonymised",
        "locale": plan.locale,
        "pools": dict(plan.pools),
        "workers": plan.workers,
        "notes": list(plan.notes),
        "tables": {str(step.table): step.treatment.value for step in plan.steps},
        "subset": _subset_facts(plan),
    }


def _subset_facts(plan: Plan) -> dict[str, object] | None:
    """Return what a subset kept. Its conditions stay out: people write values into them."""
    if plan.subset is None:
        return None
    return {
        "roots": [
            {"table": str(root.table), "sample": root.sample, "rows": root.rows, "seed": root.seed}
            for root in plan.subset.roots
        ],
        "share": plan.share,
        "kept": {str(step.table): step.kept for step in plan.steps if step.kept is not None},
    }


def column_facts(
    plan: Plan, counts: Mapping[str, Mapping[str, object]]
) -> Sequence[dict[str, object]]:
    """Return every column with its verdict, the reason and what was counted, in the plan's order.

    `counts` is by `schema.table.column`; those of partitions stand at their root.
    """
    return [
        {
            "column": f"{step.table}.{column.name}",
            "type": column.column.type.name,
            "verdict": column.ruling.value,
            "use": column.use,
            "reason": column.reason,
            "moved": column.moved,
            "uniqueness": column.uniqueness.value,
            "branches": [_branch_facts(branch) for branch in column.branches],
            **_counted(column, f"{step.table}.{column.name}", counts),
        }
        for step in plan.steps
        for column in step.columns
    ]


def _branch_facts(branch: Branch) -> dict[str, object]:
    transformer = branch.transformer
    if transformer is None:
        return {"use": "keep", "when": branch.when}
    promises = transformer.promises()
    return {
        "use": transformer.name,
        "when": branch.when,
        "scope": transformer.scope.value,
        "technique": promises.technique,
        "reversible": promises.reversible,
        "never_equal": promises.never_equal,
        "reuses_source_values": promises.reuses_source_values,
    }


def _counted(
    column: ColumnPlan, name: str, counts: Mapping[str, Mapping[str, object]]
) -> dict[str, object]:
    return {"counts": dict(counts[name])} if column.masked and name in counts else {}


def check_writable(folder: Path) -> None:
    """Raise TryAgainError where no manifest can be written: better before a run than after it."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryFile(dir=folder):
            pass
    except OSError as failure:
        raise _unwritable(folder, failure) from None


def write(path: Path, manifest: Mapping[str, object]) -> None:
    """Write a manifest whole or not at all; it is on disk when this returns."""
    text = json.dumps(manifest, indent=2, ensure_ascii=False, default=str) + "\n"
    temporary = ""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        descriptor, temporary = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), _MODE)
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)  # noqa: PTH105 - says what it does: in one step
    except OSError as failure:
        if temporary:
            with contextlib.suppress(OSError):  # what cannot be written may not be removable either
                os.unlink(temporary)  # noqa: PTH108 - mkstemp gave a string
        raise _unwritable(path.parent, failure) from None


def _unwritable(folder: Path, failure: OSError) -> TryAgainError:
    reason = (failure.strerror or "unknown").lower()
    return TryAgainError(
        f"no manifest can be written into `{folder}`: {reason}",
        help="make the folder writable, or name another: --records FOLDER",
        code="manifest-unwritable",
    )


def read(path: Path) -> dict[str, object]:
    """Read a manifest back; ConfigError when it is none."""
    try:
        manifest = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise ConfigError(f"`{path}` is no manifest", help="name a run's JSON file") from None
    if not isinstance(manifest, dict) or manifest.get("format") != FORMAT:
        raise ConfigError(
            f"`{path}` is no manifest of format {FORMAT}", help="name a run's JSON file"
        )
    return manifest
