"""One value for a whole column: how a parameter is written as the column's type, and if it fits."""

from __future__ import annotations

import datetime as dt
import ipaddress
import json
import re
import uuid
from collections.abc import Callable, Mapping

from masker.catalog import Kind
from masker.transformers.base import Site

EVERY_KIND = frozenset(Kind)

_INTEGERS = {"int2": 2**15, "int4": 2**31, "int8": 2**63}
_DECIMAL = re.compile(r"[+-]?\d+(\.\d+)?")


def written(value: str | float, site: Site) -> str:
    """Return a parameter's value in the canonical text of the column's kind."""
    if isinstance(value, bool):
        if site.kind is Kind.BOOLEAN:
            return "t" if value else "f"
        return "true" if value else "false"
    if site.kind is Kind.BOOLEAN:
        return {"true": "t", "false": "f"}.get(str(value).lower(), str(value))
    return str(value)


def misfit(value: str | float, site: Site) -> tuple[str, ...]:
    """Return why a value cannot stand in the column, one sentence each; empty if it can."""
    text = written(value, site)
    found = []
    if site.length is not None and len(text) > site.length:
        found.append(f"the value has {len(text)} characters and the column takes {site.length}")
    if site.labels and text not in site.labels:
        found.append("the value is no label of the enum")
    reads = _READERS.get(site.kind)
    if reads is not None and not reads(text):
        found.append(f"the value does not read as {site.kind.value}")
    elif site.kind is Kind.INTEGER and not _is_integer_of(text, site.base):
        found.append(f"the value is out of the range of `{site.base}`")
    elif site.kind is Kind.DECIMAL and _has_too_many_digits(text, site):
        found.append(f"the value has more digits than numeric({site.precision},{site.scale or 0})")
    return tuple(found)


def _is_integer_of(text: str, base: str) -> bool:
    bound = _INTEGERS.get(base)
    return bound is None or -bound <= int(text) < bound


def _has_too_many_digits(text: str, site: Site) -> bool:
    if site.precision is None or not _DECIMAL.fullmatch(text):
        return False
    whole = text.lstrip("+-0").split(".")[0]
    return len(whole) > site.precision - (site.scale or 0)


def _reader(parse: Callable[[str], object]) -> Callable[[str], bool]:
    def reads(text: str) -> bool:
        try:
            parse(text)
        except ValueError:
            return False
        return True

    return reads


def _special(parse: Callable[[str], object], *words: str) -> Callable[[str], bool]:
    reads = _reader(parse)
    return lambda text: text in words or reads(text)


_READERS: Mapping[Kind, Callable[[str], bool]] = {
    Kind.INTEGER: lambda text: re.fullmatch(r"[+-]?\d+", text) is not None,
    Kind.DECIMAL: lambda text: text == "NaN" or _DECIMAL.fullmatch(text) is not None,
    Kind.FLOAT: _reader(float),
    Kind.BOOLEAN: lambda text: text in {"t", "f"},
    Kind.DATE: _special(dt.date.fromisoformat, "infinity", "-infinity"),
    Kind.TIME: _reader(dt.time.fromisoformat),
    Kind.TIMESTAMP: _special(dt.datetime.fromisoformat, "infinity", "-infinity"),
    Kind.TIMESTAMP_TZ: _special(dt.datetime.fromisoformat, "infinity", "-infinity"),
    Kind.UUID: _reader(uuid.UUID),
    Kind.INET: _reader(ipaddress.ip_interface),
    Kind.JSON: _reader(json.loads),
    Kind.BYTES: lambda text: re.fullmatch(r"\\x([0-9a-fA-F]{2})*", text) is not None,
    Kind.ARRAY: lambda text: text.startswith("{") and text.endswith("}"),
}
