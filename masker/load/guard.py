"""The guard's words and decisions, whatever the engine: what may be lifted, what looks unsafe."""

from __future__ import annotations

import re
from collections.abc import Iterable

from masker.engines.marker import SHARED, Marker
from masker.findings import Finding, Findings, error, note
from masker.load.settings import APPEND, REPLACE, SWAP, UPSERT

PRODUCTION_NAME = "production-name"
UNMARKED_TARGET = "unmarked-target"
ALLOWABLE = ("same-server", "shared-identity", PRODUCTION_NAME, UNMARKED_TARGET)

_MEANINGS = {
    REPLACE: "all rows of the pipeline's tables are deleted",
    APPEND: "rows are added to the pipeline's tables",
    UPSERT: "rows of the pipeline's tables that have a moved key are overwritten",
}
_WORDS = frozenset(
    {"prod", "prd", "production", "productive", "produktion", "produccion", "live", "master",
     "primary"}
)  # fmt: skip
_ENDINGS = ("prod", "prd", "production")
_NOT = ("non", "pre", "no", "not", "un", "re")


def weighed(found: Iterable[Finding], allow: frozenset[str]) -> Findings:
    """Return findings of a guard: what `allow` names is a note, the rest an error."""
    return Findings(tuple(_weighed(finding, allow) for finding in found))


def looks_like_production(words: Iterable[str]) -> str | None:
    """Return the first of the names (database, host, role) that looks like production."""
    return next((word for word in words if _is_production(word)), None)


def production_name(words: Iterable[str], *, database: str) -> list[Finding]:
    """Return the refusal of a target one of whose names looks like production."""
    word = looks_like_production(words)
    if word is None:
        return []
    return [
        error(
            PRODUCTION_NAME,
            f"the target looks like production: `{word}`",
            subject=database,
            help=f"check `target.url`; if it is right, write `allow: [{PRODUCTION_NAME}]` there",
        )
    ]


def unmarked_target(database: str, *, mode: str = SWAP) -> Finding:
    """Return the refusal of a target that holds what nobody gave to masker."""
    if mode == SWAP:
        wish = "name an empty database, or, if its content may go"
    else:
        wish = f"in this mode {_MEANINGS[mode]}, and other tables stay: if that is right"
    return error(
        UNMARKED_TARGET,
        f"the target `{database}` is not empty, and masker did not fill it",
        subject=database,
        help=f"{wish}, write `allow: [{UNMARKED_TARGET}]` under `target:`",
    )


def is_masked(mark: Marker | None, *, mode: str) -> bool:
    """Tell whether a marker lets a run load so: a swap wants all of the target to be masker's."""
    return mark is not None and (mode != SWAP or mark.state != SHARED)


def _weighed(finding: Finding, allow: frozenset[str]) -> Finding:
    if finding.code not in allow or finding.code not in ALLOWABLE:
        return finding
    return note(finding.code, f"allowed: {finding.message}", subject=finding.subject)


def _is_production(name: str) -> bool:
    words = [word for word in re.split(r"[^a-z]+", name.lower()) if word]
    for at, word in enumerate(words):
        if at and words[at - 1] in _NOT:
            continue
        if word in _WORDS:
            return True
        stem = next((word.removesuffix(end) for end in _ENDINGS if word.endswith(end)), "")
        if stem and stem not in _NOT:
            return True
    return False
