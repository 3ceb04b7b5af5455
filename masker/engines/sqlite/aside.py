"""Where masked keys stand for a moment: a range that no value is in, by the class of each value.

A key that is masked in place may not meet another one on the way, not even for a row. So it is
first written shifted into the range, then shifted back; both shifts are one to one. Every function
takes SQL of a value and returns SQL.
"""

from __future__ import annotations

_PLANE = 0xF0000  # plane 15 of Unicode, for private use: a text's first character is moved there
_LAST = 0xFFFD  # of the characters that fit into it
_FAR = 1 << 60  # above every number that masking makes


def out(value: str) -> str:
    """Return a value shifted."""
    return (
        f"CASE typeof({value}) WHEN 'integer' THEN {value} + {_FAR} "
        f"WHEN 'text' THEN iif({value} = '', '', "
        f"char(unicode({value}) + {_PLANE}) || substr({value}, 2)) ELSE {value} END"
    )


def back(value: str) -> str:
    """Return a value shifted back, any other one as it is."""
    return (
        f"CASE WHEN typeof({value}) = 'integer' AND {value} >= {_FAR} THEN {value} - {_FAR} "
        f"WHEN typeof({value}) = 'text' AND unicode({value}) >= {_PLANE} "
        f"THEN char(unicode({value}) - {_PLANE}) || substr({value}, 2) ELSE {value} END"
    )


def taken(value: str) -> str:
    """Tell whether a value stands in the range."""
    return (
        f"((typeof({value}) = 'integer' AND {value} >= {_FAR}) "
        f"OR (typeof({value}) = 'text' AND unicode({value}) >= {_PLANE}))"
    )


def movable(value: str) -> str:
    """Tell whether a value can be shifted."""
    return (
        f"(typeof({value}) = 'null' OR (typeof({value}) = 'integer' AND {value} >= 0) "
        f"OR (typeof({value}) = 'text' AND coalesce(unicode({value}), 0) <= {_LAST}))"
    )
