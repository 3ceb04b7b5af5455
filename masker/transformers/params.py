"""What a parameter's type in words means: which values from a policy it takes."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import timedelta

from masker.transformers.base import Param

_DURATION = re.compile(r"([1-9][0-9]{0,6})(d|w|mo|y)")
_DAYS = {"d": 1, "w": 7, "mo": 30, "y": 365}


def duration(text: str) -> timedelta:
    """Return a whole number of days written as `30d`, `2w`, `6mo` (30 days) or `1y` (365 days)."""
    match = _DURATION.fullmatch(text)
    if match is None:
        raise ValueError("no duration")
    return timedelta(days=int(match[1]) * _DAYS[match[2]])


def _is_text(value: object) -> bool:
    return isinstance(value, str)


def _is_integer(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_scalar(value: object) -> bool:
    return isinstance(value, str | int | float)


def _is_texts(value: object) -> bool:
    return (
        isinstance(value, Sequence)
        and not isinstance(value, str)
        and all(isinstance(each, str) for each in value)
    )


def _is_duration(value: object) -> bool:
    return isinstance(value, str) and _DURATION.fullmatch(value) is not None


def _is_mapping(value: object) -> bool:
    return isinstance(value, Mapping) and all(isinstance(key, str) for key in value)


# type in words -> (whether a value is of it, how a message names it)
TYPES: Mapping[str, tuple[Callable[[object], bool], str]] = {
    "text": (_is_text, "text"),
    "column": (_is_text, "the name of a column"),
    "integer": (_is_integer, "a whole number"),
    "number": (_is_number, "a number"),
    "boolean": (lambda value: isinstance(value, bool), "true or false"),
    "scalar": (_is_scalar, "text, a number, or true or false"),
    "list of text": (_is_texts, "a list of texts"),
    "duration": (_is_duration, "a duration such as 30d, 2w, 6mo or 1y"),
    "mapping": (_is_mapping, "a mapping"),
}


def problem_of(param: Param, value: object) -> str:
    """Say what is wrong with a value for a parameter; an empty string if nothing is.

    None is right only where it is the default.
    """
    fits, words = TYPES[param.type]
    if value is None:
        return "" if param.default is None else f"must be {words}, not empty"
    if not fits(value):
        return f"must be {words}, not {_kind(value)}"
    if param.choices:
        given = value if isinstance(value, list | tuple) else (value,)
        if any(each not in param.choices for each in given):
            return f"must be one of {', '.join(f'`{choice}`' for choice in param.choices)}"
    return ""


def settled(value: object) -> object:
    """Return a valid value in the form in which a transformer holds it: lists as tuples."""
    return tuple(value) if isinstance(value, list) else value


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    if isinstance(value, int | float):
        return "a number"
    if isinstance(value, str):
        return "this text"
    return "a list" if isinstance(value, Sequence) else "a mapping"
