"""Where masked keys stand for a moment: a range of their type that no value is in.

A key that is masked in place may not meet another one on the way, not even for a statement. So it
is first written shifted into the range, then shifted back; both shifts are one to one.
"""

from __future__ import annotations

from dataclasses import dataclass

from masker.catalog import Column, Kind

# Plane 15 of Unicode is for private use: the first character of a text is moved there.
_PLANE = 0xF0000
_LAST = 0xFFFD  # of the characters that fit into it
_DAYS = 1_100_000  # some three thousand years
_SINCE = "3000-01-01"
_HEX, _MOVED = "89ab", "0123"  # the variant of RFC 9562, and that of NCS, which nobody uses now
_VARIANT = 20  # its place in a UUID's text, from 1


@dataclass(frozen=True, slots=True)
class Aside:
    """SQL around a value `{}`: shifted, shifted back, and whether it stands in the range.

    `movable` tells of a new value that it can be shifted.
    """

    out: str
    back: str
    taken: str
    movable: str = "true"


def aside(column: Column, highest: int | None) -> Aside | None:
    """Return how values of a column are shifted, None where its type has no room for that.

    `highest` is the highest integer that masking makes of the column.
    """
    kind, base = column.type.kind, column.type.base
    if kind in {Kind.INTEGER, Kind.DECIMAL}:
        return _number(highest if kind is Kind.INTEGER else None)
    if kind is Kind.TEXT and base not in {"char", "name"}:
        first = "pg_catalog.ascii({}::text)"
        rest = "pg_catalog.substr({}::text, 2)"
        return Aside(
            f"CASE {{}}::text WHEN '' THEN '' ELSE pg_catalog.chr({first} + {_PLANE}) || {rest} "
            "END",
            f"pg_catalog.chr({first} - {_PLANE}) || {rest}",
            f"({first} >= {_PLANE})",
            f"({first} <= {_LAST})",
        )
    if kind is Kind.UUID:
        nibble = f"pg_catalog.substr({{}}::text, {_VARIANT}, 1)"
        moved = (
            "pg_catalog.overlay({{}}::text, pg_catalog.translate({nibble}, '{old}', '{new}'), "
            "{at}, 1)::uuid"
        )
        return Aside(
            moved.format(nibble=nibble, old=_HEX, new=_MOVED, at=_VARIANT),
            moved.format(nibble=nibble, old=_MOVED, new=_HEX, at=_VARIANT),
            f"({nibble} = ANY ('{{{{0,1,2,3}}}}'::text[]))",
            f"({nibble} = ANY ('{{{{8,9,a,b}}}}'::text[]))",
        )
    if kind is Kind.DATE:
        return Aside(f"({{}} + {_DAYS})", f"({{}} - {_DAYS})", f"({{}} >= '{_SINCE}'::date)")
    if kind in {Kind.TIMESTAMP, Kind.TIMESTAMP_TZ}:
        days = f"interval '{_DAYS} days'"
        return Aside(f"({{}} + {days})", f"({{}} - {days})", f"({{}} >= '{_SINCE}'::timestamp)")
    return None


def _number(highest: int | None) -> Aside:
    if highest is None:
        return Aside("(-({}) - 1)", "(-({}) - 1)", "({} < 0)", "({} >= 0)")
    step = highest + 1  # INTEGER_SPACES leave as much above them as they hold
    return Aside(f"({{}} + {step})", f"({{}} - {step})", f"({{}} >= {step})")


def around(template: str, value: str) -> str:
    """Return SQL around a value."""
    return template.format(*[value] * template.count("{}"))
