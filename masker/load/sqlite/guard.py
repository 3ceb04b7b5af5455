"""The guard of SQLite: refuse a file that is the source, or that may be somebody's production."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from masker.engines.sqlite.ddl import place_of
from masker.engines.sqlite.files import occupied, previous_path, same_file
from masker.engines.sqlite.marker import read_marker
from masker.findings import Finding, Findings, error
from masker.load.guard import is_masked, production_name, unmarked_target, weighed
from masker.load.settings import SWAP


def guard(*, source: Path | str, target: Path, allow: frozenset[str], mode: str = SWAP) -> Findings:
    """Say what makes a target unsafe; what `allow` names is a note, the rest an error.

    `source` is its path, or the digest of it that a snapshot keeps; `mode` is how the target is
    loaded.
    """
    found = [
        *_same(source, target),
        *production_name([target.stem, *target.parent.parts], database=target.name),
        *_unmarked(target, mode),
    ]
    return weighed(found, allow)


def _same(source: Path | str, target: Path) -> Iterator[Finding]:
    """Yield a refusal where a run would write the source, or throw it away later."""
    if isinstance(source, str):
        if source in {place_of(target), place_of(previous_path(target))}:
            yield error(
                "same-database",
                f"the target `{target}` is the file that the snapshot was taken from",
                subject=target.name,
                help="name another file; nothing allows this",
            )
    elif same_file(source, target):
        yield error(
            "same-database",
            f"source and target are one file, `{target}`, whatever its paths and links are called",
            subject=target.name,
            help="name another file in `target.url`; nothing allows this",
        )
    elif same_file(source, previous_path(target)) or _is_remainder(source, target):
        yield error(
            "same-database",
            f"the source `{source}` is named like a copy that a run keeps or drops beside the "
            f"target `{target.name}`",
            subject=target.name,
            help="name another file in `target.url`, or rename the source",
        )


def _is_remainder(source: Path, target: Path) -> bool:
    return source.parent == target.parent and source.name.startswith(f"{target.name}_masker_")


def _unmarked(target: Path, mode: str) -> Iterator[Finding]:
    if not target.exists() or not occupied(target):
        return
    if not is_masked(read_marker(target), mode=mode):
        yield unmarked_target(target.name, mode=mode)
