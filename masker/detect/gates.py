"""Gates: a cheap expression that every text passes in which a recognizer could find something.

A gate is made from the recognizer's own patterns by loosening them into the syntax of Rust's
regular expressions, which polars runs over a whole column. Each step only adds texts: look-around
and boundaries go, a repeat with an upper bound loses it, a class that holds any letter, digit or
blank beyond ASCII holds all of them. So whatever the pattern matches somewhere, the gate matches
there too; what cannot be loosened has no gate, and every text is a candidate.
"""

from __future__ import annotations

import importlib
import re
import string
from collections.abc import Iterable
from typing import Any

# Python's own reader of patterns; a module of the standard library that has no public name.
_parser: Any = importlib.import_module("re._parser")
_constants: Any = importlib.import_module("re._constants")

_ASCII = frozenset(range(128))
_DIGITS = frozenset(map(ord, string.digits))
_WORD = frozenset(map(ord, string.ascii_letters + string.digits + "_"))
_SPACE = frozenset({*range(9, 14), *range(28, 33)})
_CATEGORIES = {"CATEGORY_DIGIT": _DIGITS, "CATEGORY_WORD": _WORD, "CATEGORY_SPACE": _SPACE}
# Letters beyond ASCII that are one with an ASCII letter when case is ignored, and those letters.
_FOREIGN = frozenset(map(ord, "\u0130\u0131\u017f\u212a"))
_MANY_CASES = frozenset(map(ord, "iIkKsS"))
_ANY = "(?s:.)"
_REPEATS_KEPT = 24  # a longer repeat is cut down to this many, for the size of the automaton
_FLAGS_INSIDE = re.compile(r"\(\?([aiLmsux]+)\)")


def gate(patterns: Iterable[tuple[str, bool]]) -> str | None:
    """Return an expression for Rust that matches wherever one of the patterns does.

    `patterns` are pairs of an expression in Python's syntax and whether it ignores case. None if
    one of them cannot be loosened, or is loosened so far that it matches every text.
    """
    loose = [_loosened(pattern, ignore_case) for pattern, ignore_case in patterns]
    known = [each for each in loose if each]
    if not known or len(known) < len(loose):
        return None
    return "|".join(dict.fromkeys(known))


def _loosened(pattern: str, ignore_case: bool) -> str | None:
    inside = "".join(_FLAGS_INSIDE.findall(pattern))
    if "x" in inside or "[[" in pattern:  # other syntaxes, which Python's reader would misread
        return None
    try:
        read = _parser.parse(_FLAGS_INSIDE.sub("", pattern))
    except re.error:
        return None
    loosened = _Loosening().sequence(read, ignore_case or "i" in inside)
    return None if re.fullmatch(r"(\(\?s:\.\)|[*?()|:])*", loosened) else loosened


class _Loosening:
    """Writes a read pattern anew; remembers what its groups may hold, for references to them."""

    def __init__(self) -> None:
        self.groups: dict[int, str] = {}

    def sequence(self, read: Any, ignore_case: bool) -> str:
        return "".join(self._one(str(code), value, ignore_case) for code, value in read)

    def _one(self, code: str, value: Any, ignore_case: bool) -> str:
        match code:
            case "LITERAL":
                written = _class({value}, wild=False, ignore_case=ignore_case)
            case "IN":
                written = _set(value, ignore_case)
            case "ANY" | "NOT_LITERAL":
                written = _ANY
            case "AT" | "ASSERT" | "ASSERT_NOT":
                written = ""  # whatever stands around is not asked
            case "BRANCH":
                written = "|".join(self.sequence(one, ignore_case) for one in value[1])
                written = f"(?:{written})"
            case "SUBPATTERN":
                written = self._group(value, ignore_case)
            case "ATOMIC_GROUP":
                written = f"(?:{self.sequence(value, ignore_case)})"
            case "MAX_REPEAT" | "MIN_REPEAT" | "POSSESSIVE_REPEAT":
                least, most, repeated = value
                written = _repeat(self.sequence(repeated, ignore_case), least, int(most))
            case "GROUPREF":
                written = self.groups.get(value, f"{_ANY}*")
            case _:
                written = f"{_ANY}*"
        return written

    def _group(self, value: Any, ignore_case: bool) -> str:
        number, added, removed, inside = value
        ignored = (ignore_case or bool(added & re.IGNORECASE)) and not removed & re.IGNORECASE
        written = f"(?:{self.sequence(inside, ignored)})"
        if number is not None:
            self.groups[number] = written
        return written


def _repeat(written: str, least: int, most: int) -> str:
    if not written:
        return ""
    one = f"(?:{written})"
    if (least, most) == (0, 1):
        return f"{one}?"
    if least > _REPEATS_KEPT:
        return f"{one}{{{_REPEATS_KEPT},}}"
    if least == most:
        return f"{one}{{{least}}}" if least else ""
    return f"{one}*" if least == 0 else f"{one}{{{least},}}"


def _set(items: Any, ignore_case: bool) -> str:
    held: set[int] = set()
    wild = False
    for code, value in items:
        name = str(code)
        if name == "LITERAL":
            held.add(value)
        elif name == "RANGE":
            low, high = value
            held.update(_FOREIGN & set(range(low, high + 1)), range(low, min(high, 127) + 1))
            wild = wild or high > 127  # noqa: PLR2004 - the end of ASCII
        elif name == "CATEGORY" and str(value) in _CATEGORIES:
            held |= _CATEGORIES[str(value)]
            wild = True
        else:
            return _ANY  # negated, or a class of what it is not
    return _class(held, wild=wild, ignore_case=ignore_case)


def _class(held: set[int], *, wild: bool, ignore_case: bool) -> str:
    """Write a class of characters: these of ASCII, and all beyond it if one of those is in."""
    if ignore_case:
        if held & _FOREIGN:
            return _ANY
        held = {ord(case) for code in held for case in _cases(chr(code))}
    wild = wild or bool(held - _ASCII) or (ignore_case and bool(held & _MANY_CASES))
    written = "".join(f"\\x{code:02X}" for code in sorted(held & _ASCII))
    return f"[{written}{'[:^ascii:]' if wild else ''}]"


def _cases(letter: str) -> tuple[str, ...]:
    if not letter.isascii():
        return (letter,)
    return (letter.lower(), letter.upper())
