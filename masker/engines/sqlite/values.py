r"""Values as sqlite3 gives them, as text and back.

SQLite's values have one of five classes whatever their column's type says, and Python has one
type for each: int, float, str, bytes and None. As text, integers and reals are written so that
reading gives the same number again, bytes as `\x` and hex, like PostgreSQL writes them; text whose
bytes are no UTF-8 (it holds lone surrogates here) is written like bytes, too.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any

import polars as pl

from masker.catalog import Kind

Values = Sequence[Any]

HEX = r"\x"
_IS_HEX = re.compile(r"\\x(?:[0-9a-f]{2})*")
_INTEGER = re.compile(r"[+-]?[0-9]{1,19}")
_FLOAT = re.compile(r"[+-]?(?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)?")
_BOOLEANS: Mapping[str, int] = MappingProxyType({"t": 1, "f": 0})
_TEXTS = frozenset({Kind.TEXT, Kind.JSON, Kind.XML})  # bound as text, whatever SQLite makes of it
_INFINITE: Mapping[str, float] = MappingProxyType(
    {"Infinity": float("inf"), "-Infinity": float("-inf")}
)
STORAGE: Mapping[type, str] = MappingProxyType(
    {int: "integer", float: "real", str: "text", bytes: "blob"}
)
_SPELLED: Mapping[float, str] = MappingProxyType({v: k for k, v in _INFINITE.items()})
_LEAST, _MOST = -(1 << 63), (1 << 63) - 1


def to_text(name: str, values: Values, kind: Kind) -> pl.Series:
    """Return values of any class as a String series in the canonical text of a kind."""
    classes = set(map(type, values)) - {type(None)}
    if kind is not Kind.BOOLEAN and classes <= {int}:
        return pl.Series(name, values, dtype=pl.Int64).cast(pl.String)
    if classes <= {str}:
        try:
            return pl.Series(name, values, dtype=pl.String)
        except UnicodeEncodeError:  # lone surrogates
            pass
    # Distinct values: numbers and blobs have no way to text in polars that is sqlite3's.
    # Equal numbers of different classes, 1 and 1.0, are told apart by their class.
    pairs = list(zip(map(type, values), values, strict=True))
    told = {pair: _told(pair[1], kind) for pair in set(pairs)}
    return pl.Series(name, [told[pair] for pair in pairs], dtype=pl.String)


def _told(value: Any, kind: Kind) -> str | None:
    if isinstance(value, str):
        raw = value.encode("utf-8", "surrogateescape")
        return value if _is_utf8(raw) else HEX + raw.hex()
    if isinstance(value, bytes):
        return value.decode() if kind is not Kind.BYTES and _is_text(value) else HEX + value.hex()
    if isinstance(value, float):
        return _real(value, kind)
    if isinstance(value, int):
        return "ft"[value] if kind is Kind.BOOLEAN and value in {0, 1} else str(value)
    return None


def _real(value: float, kind: Kind) -> str:
    if value in _SPELLED:
        return _SPELLED[value]
    text = repr(value + 0.0)  # there are two zeros, and they are equal
    return format(Decimal(text), "f") if kind is Kind.DECIMAL and "e" in text else text


def _is_text(raw: bytes) -> bool:
    return _is_utf8(raw) and b"\0" not in raw


def _is_utf8(raw: bytes) -> bool:
    try:
        raw.decode()
    except UnicodeDecodeError:
        return False
    return True


def from_text(values: pl.Series, kind: Kind, *, numbers: bool) -> list[Any]:
    """Return masked text as what is stored in a column of a kind; `numbers`: its affinity is one.

    Text that does not read as its kind is stored as text, as SQLite itself does.
    """
    if kind is Kind.BOOLEAN:
        return _by_value(values, lambda text: _BOOLEANS.get(text, text))
    if kind is Kind.BYTES:
        return _by_value(values, raw)
    if not numbers or kind in _TEXTS:
        return values.to_list()
    return _by_value(values, number)


def _by_value(values: pl.Series, make: Callable[[str], Any]) -> list[Any]:
    distinct = values.unique().to_list()
    made = {text: None if text is None else make(text) for text in distinct}
    return list(map(made.__getitem__, values.to_list()))


def number(text: str) -> float | int | str:
    """Return the number that a text is, the text itself where it is none."""
    if _INTEGER.fullmatch(text) and _LEAST <= int(text) <= _MOST:
        return int(text)
    if text in _INFINITE:
        return _INFINITE[text]
    return float(text) if _FLOAT.fullmatch(text) else text


def raw(text: str) -> bytes | str:
    r"""Return the bytes that a text of `\x` and hex is, the text itself where it is none."""
    return bytes.fromhex(text.removeprefix(HEX)) if is_hex(text) else text


def is_hex(text: str) -> bool:
    r"""Tell whether a text is `\x` and pairs of hex digits."""
    return _IS_HEX.fullmatch(text) is not None


def stored_as(text: str, storage: str, kind: Kind) -> Any:
    """Return the value of a storage class whose text this is, None where there is none.

    `storage` is what SQLite's typeof() says: integer, real, text or blob.
    """
    if storage == "integer":
        if kind is Kind.BOOLEAN and text in _BOOLEANS:
            return _BOOLEANS[text]
        return int(text) if _INTEGER.fullmatch(text) and _LEAST <= int(text) <= _MOST else None
    if storage == "real":
        found = number(text)
        return None if isinstance(found, str) else float(found)
    encoded = bytes.fromhex(text.removeprefix(HEX)) if is_hex(text) else text.encode()
    if storage == "blob":
        return encoded
    # Only text that is no UTF-8 is written as hex; else the text itself begins with a backslash.
    return text if _is_utf8(encoded) else encoded.decode("utf-8", "surrogateescape")


def has_broken_text(columns: Iterable[Values]) -> list[bool]:
    """Tell of each column whether it holds text that is no UTF-8."""
    return [_is_broken("".join([v for v in column if type(v) is str])) for column in columns]


def _is_broken(text: str) -> bool:
    if text.isascii():
        return False
    try:
        text.encode()
    except UnicodeEncodeError:  # lone surrogates
        return True
    return False
