"""Frozen dataclasses as JSON objects and back, by their own annotations."""

from __future__ import annotations

import enum
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from functools import cache
from types import NoneType, UnionType
from typing import Any, TypeVar, Union, get_args, get_origin, get_type_hints

Made = TypeVar("Made")


def as_facts(value: Any) -> Any:
    """Return a value as JSON has it: dataclasses as objects, tuples as lists."""
    if is_dataclass(value) and not isinstance(value, type):
        return {each.name: as_facts(getattr(value, each.name)) for each in _given(type(value))}
    if isinstance(value, tuple | list):
        return [as_facts(each) for each in value]
    if isinstance(value, enum.Enum):
        return value.value
    return value


def of_facts(kind: type[Made], facts: object) -> Made:
    """Return a dataclass from what `as_facts` gave.

    Raises KeyError, TypeError or ValueError where a field is missing or is of another type.
    """
    made: Made = _made(kind, facts)
    return made


def _made(kind: Any, facts: Any) -> Any:
    origin = get_origin(kind)
    if origin in {Union, UnionType}:
        return _one_of(get_args(kind), facts)
    if origin is tuple:
        return _tuple(get_args(kind), facts)
    if kind is Any:
        return facts
    if is_dataclass(kind):
        return _object(kind, facts)
    if issubclass(kind, enum.Enum):
        return kind(facts)
    if type(facts) is not kind:
        raise TypeError(f"{kind.__name__} is expected")
    return facts


def _object(kind: Any, facts: Any) -> Any:
    if not isinstance(facts, Mapping):
        raise TypeError("an object is expected")
    hints = _hints(kind)
    return kind(**{each.name: _made(hints[each.name], facts[each.name]) for each in _given(kind)})


def _one_of(kinds: tuple[Any, ...], facts: Any) -> Any:
    if facts is None and NoneType in kinds:
        return None
    (kind,) = [each for each in kinds if each is not NoneType]
    return _made(kind, facts)


def _tuple(kinds: tuple[Any, ...], facts: Any) -> tuple[Any, ...]:
    if not isinstance(facts, list):
        raise TypeError("a list is expected")
    if len(kinds) == 2 and kinds[1] is Ellipsis:  # noqa: PLR2004 - tuple[X, ...]
        return tuple(_made(kinds[0], each) for each in facts)
    return tuple(_made(kind, each) for kind, each in zip(kinds, facts, strict=True))


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)


@cache
def _given(kind: Any) -> tuple[Any, ...]:
    return tuple(each for each in fields(kind) if each.init)
