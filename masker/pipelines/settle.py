"""The record of a run that published and ended before it could say so, completed by another."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from masker.engines.marker import Marker
from masker.keys import Keyring
from masker.ledger import LEDGER, PUBLISHED, ledger
from masker.ledger import manifest as manifests


def settle(
    mark: Marker, *, pipeline: str, records: Path, keys: Keyring, by: str = ""
) -> Mapping[str, object] | None:
    """Complete manifest and ledger of the run that a target's marker names.

    The marker is written by the exchange itself, so that run has published, whatever its manifest
    and the ledger still say. `by` is the run that completes them, empty where none does. Returns
    the manifest, None where nothing was open or the run is none of these `records`.
    """
    path = manifest_of(mark.run, pipeline=pipeline, records=records)
    if not path.exists():
        return None
    earlier = manifests.read(path)
    if earlier.get("outcome") != PUBLISHED:
        earlier = {**earlier, "outcome": PUBLISHED, "settled_by": by or None}
        manifests.write(path, earlier)
    elif PUBLISHED in _told_of(mark.run, records / LEDGER):
        return None
    facts = {"run": mark.run, "outcome": PUBLISHED, "settled_by": by or None}
    ledger.append(records / LEDGER, facts, keys=keys)
    return earlier


def manifest_of(run: str, *, pipeline: str, records: Path) -> Path:
    """Return where the manifest of a run lies."""
    return records / f"{pipeline}-{run}.json"


def _told_of(run: str, path: Path) -> set[str]:
    return {str(line.get("outcome")) for line in ledger.read(path) if line.get("run") == run}
