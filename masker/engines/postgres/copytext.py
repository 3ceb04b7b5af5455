r"""COPY text as frames: every column an opaque String, escapes left as the server wrote them.

A frame that is parsed and rendered again gives the same bytes, whatever the types are. Only a
column that is masked is decoded to plain values and encoded again.

Polars would by default read an empty string as null, swallow a byte order mark at the front of a
block, unpack a block that begins like a compressed file (`x^` does), refuse an empty block and know
no table without columns; each is answered here.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.errors import DataError

NULL = r"\N"
BYTE_ORDER_MARK = b"\xef\xbb\xbf"
_GUARD = b"0\n"  # a line to skip: what follows it is not taken for a compressed file

# https://www.postgresql.org/docs/current/sql-copy.html, "Text Format".
ESCAPES: dict[str, str] = {
    r"\b": "\b",
    r"\f": "\f",
    r"\n": "\n",
    r"\r": "\r",
    r"\t": "\t",
    r"\v": "\v",
    r"\\": "\\",
}
_TO_TEXT = {plain: escape for escape, plain in ESCAPES.items()}
_TO_NOTHING = dict.fromkeys(ESCAPES, "")
_TO_ESCAPE = r"[\x08-\x0d\\]"  # the plain characters above, as one range and the backslash
_BACKSLASH = b"\\"
_PART = 1 << 17  # bytes
# What COPY FROM reads beyond that: \ooo, \xhh, and a backslash before any other character.
_ANY_ESCAPE = re.compile(rb"\\(?:([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|(.))", re.DOTALL)


def parse(raw: bytes, columns: Sequence[str], *, marked: bool = False) -> pl.DataFrame:
    r"""Return the rows of a block of COPY text as String columns; `\N` is null.

    `raw` holds whole rows, each ended by a newline, and with `marked` begun by a mark, which is
    left out. Raise DataError when it is not UTF-8 or has
    another number of columns; the message holds nothing of the block.
    """
    schema = dict.fromkeys(columns, pl.String)
    if not columns:
        return pl.DataFrame(height=raw.count(b"\n"))
    if not raw:
        return pl.DataFrame(schema=schema)
    if marked:
        schema = {_mark(columns): pl.String, **schema}
    else:
        raw = _GUARD + (BYTE_ORDER_MARK if raw.startswith(BYTE_ORDER_MARK) else b"") + raw
    try:
        frame = pl.read_csv(
            raw,
            has_header=False,
            schema=schema,
            separator="\t",
            quote_char=None,
            null_values=NULL,
            empty_string_is_null=False,
            glob=False,
            skip_lines=0 if marked else 1,
        )
    except pl.exceptions.PolarsError:
        raise DataError(
            f"a block of COPY text is not UTF-8 or does not have {len(columns)} columns",
            help="is the database SQL_ASCII? then declare its `encoding:`",
            code="copy-text",
        ) from None
    return frame.select(columns) if marked else frame


def _mark(columns: Sequence[str]) -> str:
    """Return a name that no column has; names in PostgreSQL are at most 63 bytes long."""
    return "0" * (1 + max(map(len, columns)))


def render(frame: pl.DataFrame, *, plain: Sequence[str] = ()) -> bytes:
    r"""Return a frame of String columns as COPY text; null is `\N`.

    Columns named in `plain` hold plain values, which are encoded; the others are encoded already.
    """
    if not frame.width:
        return b"\n" * frame.height
    raw = _written(frame)
    if not plain or (not has_escapes(raw, frame) and _controls(raw) == frame.height * frame.width):
        return raw  # its tabs and newlines are those between values
    return _written(frame.with_columns(encode(frame[name]) for name in plain))


def _written(frame: pl.DataFrame) -> bytes:
    block = io.BytesIO()
    frame.write_csv(
        block,
        include_header=False,
        separator="\t",
        quote_style="never",
        null_value=NULL,
        batch_size=8192,
    )
    return block.getvalue()


def has_escapes(raw: bytes, frame: pl.DataFrame) -> bool:
    """Tell whether COPY text, which is also `frame`, holds more backslashes than its nulls."""
    if _BACKSLASH not in raw:
        return False
    found = sum(int(np.count_nonzero(part == ord(_BACKSLASH))) for part in _parts(raw))
    return bool(found != sum(frame.null_count().row(0)))


def _controls(raw: bytes) -> int:
    """Count the bytes from backspace to carriage return; all others stand in COPY text as is."""
    least, most = ord("\b"), ord("\r")
    # Unsigned, so that what stands before the first is far behind the last.
    return sum(int(np.count_nonzero(p - np.uint8(least) <= most - least)) for p in _parts(raw))


def _parts(raw: bytes) -> Iterator[npt.NDArray[np.uint8]]:
    """Cut into parts that stay in the processor's cache."""
    for start in range(0, len(raw), _PART):
        size = min(_PART, len(raw) - start)
        yield np.frombuffer(raw, dtype=np.uint8, count=size, offset=start)


def decode(values: pl.Series) -> pl.Series:
    r"""Return plain values for COPY text: in one pass, so that `\\n` is a backslash and an n."""
    if not values.str.contains("\\", literal=True).any():
        return values
    if values.str.replace_many(_TO_NOTHING).str.contains("\\", literal=True).any():
        plain = [None if value is None else _unescape(value) for value in values]
        return pl.Series(values.name, plain, dtype=pl.String)  # no server writes such escapes
    return values.str.replace_many(ESCAPES)


def encode(values: pl.Series) -> pl.Series:
    """Return COPY text for plain values."""
    if not values.str.contains(_TO_ESCAPE).any():
        return values
    return values.str.replace_many(_TO_TEXT)


def _unescape(value: str) -> str:
    plain = _ANY_ESCAPE.sub(_plain, value.encode())
    try:
        return plain.decode()
    except UnicodeDecodeError:
        raise DataError("a value of COPY text is not UTF-8", code="copy-text") from None


def _plain(escape: re.Match[bytes]) -> bytes:
    octal, hexadecimal, other = escape.groups()
    if octal:
        return bytes([int(octal, 8) & 0xFF])
    if hexadecimal:
        return bytes([int(hexadecimal, 16)])
    known = ESCAPES.get("\\" + other.decode(errors="replace"))
    return known.encode() if known else bytes(other)
