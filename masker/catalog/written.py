"""A catalog as JSON and back: what drift is measured against, and what a snapshot carries."""

from __future__ import annotations

import enum
import types
import typing
from collections.abc import Mapping
from dataclasses import fields, is_dataclass
from typing import Any

from masker.catalog import model

_HINTS: dict[type, dict[str, Any]] = {
    kind: typing.get_type_hints(kind)
    for kind in vars(model).values()
    if isinstance(kind, type) and is_dataclass(kind)
}


def as_json(catalog: model.Catalog) -> dict[str, Any]:
    """Return a catalog as a JSON object; fields that hold their default are left out."""
    written: dict[str, Any] = _write(catalog)
    return written


def from_json(written: Mapping[str, Any]) -> model.Catalog:
    """Return the catalog that `as_json` wrote."""
    made: model.Catalog = _read_object(model.Catalog, written)
    return made


def _write(value: Any) -> Any:
    if is_dataclass(value) and not isinstance(value, type):
        return {
            field.name: _write(getattr(value, field.name))
            for field in fields(value)
            if field.init and getattr(value, field.name) != field.default
        }
    if isinstance(value, tuple):
        return [_write(item) for item in value]
    return value.value if isinstance(value, enum.Enum) else value


def _read_object(kind: type[Any], written: Mapping[str, Any]) -> Any:
    hints = _HINTS[kind]
    return kind(**{name: _read(hints[name], value) for name, value in written.items()})


def _read(hint: Any, written: Any) -> Any:
    if written is None:
        return None
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin in {types.UnionType, typing.Union}:  # only `X | None` occurs
        return _read(next(part for part in arguments if part is not type(None)), written)
    if origin is tuple:
        if arguments[-1] is Ellipsis:
            return tuple(_read(arguments[0], item) for item in written)
        return tuple(_read(part, item) for part, item in zip(arguments, written, strict=True))
    if is_dataclass(hint) and isinstance(hint, type):
        return _read_object(hint, written)
    return hint(written) if isinstance(hint, type) and issubclass(hint, enum.Enum) else written
