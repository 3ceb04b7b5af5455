"""Drift of a source between two runs, read from their manifests: names and types, never a value."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path

from masker.errors import MaskerError
from masker.ledger import RUN, Entry, read

_TOLD = 50  # differences; more of them are counted


def drift_since(manifest: Path, earlier: tuple[Entry, ...], *, pipeline: str) -> tuple[str, ...]:
    """Return what became different since the last run of a pipeline that knew the source.

    `earlier` is the ledger's history, in order; a manifest that is not there any more is passed
    over.
    """
    now = _columns(manifest)
    if not now:
        return ()
    for entry in reversed(earlier):
        if entry.pipeline != pipeline or entry.kind != RUN or not entry.manifest:
            continue
        if entry.manifest == manifest.name:
            continue
        before = _columns(manifest.parent / entry.manifest)
        if before:
            told = tuple(_differences(before, now))
            more = (f"and {len(told) - _TOLD} more",) if len(told) > _TOLD else ()
            return told[:_TOLD] + more
    return ()


def _differences(before: Mapping[str, str], now: Mapping[str, str]) -> Iterator[str]:
    for column in sorted(before.keys() | now.keys()):
        if column not in now:
            yield f"column `{column}` is gone"
        elif column not in before:
            yield f"column `{column}` is new ({now[column]})"
        elif before[column] != now[column]:
            yield f"column `{column}` was {before[column]}, is {now[column]}"


def _columns(manifest: Path) -> dict[str, str]:
    try:
        columns = read(manifest).get("columns")
    except MaskerError:
        return {}
    return {
        str(column["column"]): str(column["type"])
        for column in (columns if isinstance(columns, list) else ())
    }
