"""Whether fakes come from the same pools as in the last run of a pipeline."""

from __future__ import annotations

from typing import Any

from masker.findings import Findings, warning
from masker.ledger import PUBLISHED, RUN, ledger, manifest
from masker.pipelines.record import Run


def changed_pools(run: Run) -> Findings:
    """Return a warning for each pool that holds other fakes than in the last published run.

    Equal values would get other fakes than before, although the key is the same. Nothing is
    compared for one-way runs, under another key, or where no earlier manifest lies.
    """
    plan, before = run.plan, _last(run)
    told = before.get("plan") or {}
    if plan is None or plan.one_way or told.get("key") != plan.key_id:
        return Findings()
    earlier: dict[str, str] = told.get("pools") or {}
    versions = before.get("versions") or {}
    now = manifest.versions()
    made = ", ".join(
        f"{package} {versions[package]} then, {now[package]} now"
        for package in ("faker", "masker")
        if package in versions and package in now and versions[package] != now[package]
    )
    return Findings(
        tuple(
            warning(
                "pool-changed",
                f"the pool `{pool}` holds other fakes than in run `{before.get('run')}`"
                + (f" ({made})" if made else ""),
                subject=pool,
                help="equal values get other fakes than before from this run on: accept that, or "
                "install the versions of that run again",
            )
            for pool, digest in plan.pools
            if earlier.get(pool, digest) != digest
        )
    )


def _last(run: Run) -> dict[str, Any]:
    """Return the manifest of the pipeline's last published run, nothing where there is none."""
    if not run.ledger_path.exists():
        return {}
    names = [
        str(line["manifest"])
        for line in ledger.read(run.ledger_path)
        if line.get("pipeline") == run.pipeline
        and line.get("outcome") == PUBLISHED
        and line.get("kind", RUN) == RUN  # a snapshot's fakes are in no target
        and line.get("manifest")
    ]
    path = run.manifest_path.parent / names[-1] if names else None
    return manifest.read(path) if path is not None and path.exists() else {}
