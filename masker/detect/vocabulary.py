"""Look words up: whole ones, what may be grown together, and those that were cut short."""

from __future__ import annotations

import functools
from collections.abc import Mapping

from masker.detect import context, words
from masker.detect.entities import Entity

STRONG = 0.6  # from here on a rule pack acts; below, a person decides
WEAK = 0.4
_CUT_SHORT = 0.7
_CUT = 6  # letters; shorter words are beginnings of too many
_MISSING = 3

Guess = tuple[Entity, float, tuple[str, ...]]


@functools.cache
def vocabulary() -> Mapping[str, tuple[Entity, float]]:
    """Return every phrase without its seams (`phonenumber`), with entity and score."""
    known: dict[str, tuple[Entity, float]] = {}
    for entity, phrases in words.PHRASES.items():
        for phrase in phrases.split():
            known.setdefault(phrase.replace("_", ""), (entity, words.SURE.get(entity, 0.95)))
    for entity, phrases in context.MAYBE.items():
        for phrase in phrases.split():
            known.setdefault(phrase.replace("_", ""), (entity, WEAK))
    return known


@functools.cache
def grown() -> tuple[frozenset[str], frozenset[str]]:
    """Return the words that may be grown together: those in front, and those behind."""
    single = {word for word, (_, score) in vocabulary().items() if score > STRONG}
    behind = frozenset(w for w in single | context.NAMES if len(w) > 3 and w not in context.ALONE)  # noqa: PLR2004 - shorter words end many others by chance
    return context.FRONTS | context.PEOPLE | context.COMPANIES, behind | context.ENDS


def cut_short(parts: tuple[str, ...]) -> Guess | None:
    """Return what a word says of which the last letters are missing: `postleitz`, `telefonnum`."""
    joined = "".join(parts)
    if len(joined) < _CUT or joined in vocabulary() or len(parts) > 1:
        return None
    for missing in range(1, _MISSING + 1):
        found = shortened().get((joined, missing))
        if found is not None:
            return found, _CUT_SHORT, (f"`{joined}`, cut short",)
    return None


@functools.cache
def shortened() -> Mapping[tuple[str, int], Entity]:
    """Return the long words of one part without their last letters, and how many are missing."""
    single = {
        phrase: entity
        for entity, phrases in words.PHRASES.items()
        for phrase in phrases.split()
        if "_" not in phrase
    }
    return {
        (phrase[:-missing], missing): entity
        for phrase, entity in single.items()
        for missing in range(1, _MISSING + 1)
        if len(phrase) - missing >= _CUT
    }
