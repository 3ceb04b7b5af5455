"""JSON documents cut into tokens as columns: a shape per document, and the leaves beside it.

A shape is a document with `0` in the place of every leaf. The documents of one application have
few, so what must be told document by document in Python is told once per shape.
"""

from __future__ import annotations

import json
import re
from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

Integers = npt.NDArray[np.int64]

STRING, WHOLE, NUMBER, BOOLEAN, NULL = range(5)
KINDS: Final = ("string", "number", "number", "boolean", "null")
"""Kinds of leaves in words: a `WHOLE` number has no more digits than fit 64 bits."""

# RFC 8259. What stands between two leaves is one token: keys, punctuation and blanks.
_TEXT = r'"(?:[^"\\\x00-\x1F]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*"'
_BLANK = r"[ \t\n\r]"
_BETWEEN = rf"(?:[\[\]{{}},: \t\n\r]|{_TEXT}{_BLANK}*:)+"
_FIGURE = r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?"
_TOKEN = f"{_BETWEEN}|{_TEXT}|{_FIGURE}|true|false|null"
_BARE = "^[-0-9tfn]"  # how a leaf without quotes begins
_WHOLE = "^-?[0-9]{1,18}$"

_TO_ESCAPE = r'["\\\x00-\x1F]'
_LONE = re.compile("[\ud800-\udfff]")  # half a pair: JSON can spell it, no text can hold it
_ENCODER = json.JSONEncoder(ensure_ascii=False)


@dataclass(frozen=True, slots=True)
class Tokens:
    """Documents, none null: `shapes` are distinct, `shape` tells which of them each one has.

    `leaves` are those of all documents in order, as they are written; `counts` of them belong to
    each document. What cannot be cut into tokens has the shape "", which is no JSON.
    """

    shapes: pl.Series
    shape: Integers
    leaves: pl.Series
    counts: Integers

    @classmethod
    def of(cls, documents: pl.Series) -> Tokens:
        """Cut documents into tokens."""
        cut = documents.str.extract_all(_TOKEN)
        height = len(documents)
        owner = np.repeat(np.arange(height), cut.list.len().to_numpy())
        token = pl.col("token")
        quoted = token.str.starts_with('"') & token.str.ends_with('"')
        frame = pl.DataFrame(
            {"owner": owner, "token": cut.explode().drop_nulls()}
        ).with_columns_seq(leaf=quoted | token.str.contains(_BARE))
        shaped = pl.when("leaf").then(pl.lit("0")).otherwise(token).str.join("").alias("shape")
        size = token.str.len_bytes().sum().alias("size")
        told = (
            pl.DataFrame({"owner": np.arange(height), "whole": documents.str.len_bytes()})
            .join(
                frame.group_by("owner", maintain_order=True).agg(
                    shaped, size, pl.col("leaf").sum().alias("count")
                ),
                on="owner",
                how="left",
                maintain_order="left",
            )
            .with_columns_seq(
                shape=pl.when(pl.col("size") == pl.col("whole")).then("shape").otherwise(pl.lit(""))
            )
        )
        shapes = told["shape"].unique(maintain_order=True)
        numbers = pl.DataFrame({"shape": shapes, "number": np.arange(len(shapes))})
        joined = told.join(numbers, on="shape", how="left", maintain_order="left")
        return cls(
            shapes,
            joined["number"].to_numpy(),
            frame.filter("leaf")["token"],
            told["count"].fill_null(0).cast(pl.Int64).to_numpy(),
        )

    def rows(self, heights: Integers) -> tuple[Integers, Integers]:
        """Lay documents out in rows, `heights` of them for each by its shape.

        Returned by row: the document, and the place among the rows of all shapes one after another.
        """
        tall = heights[self.shape]
        owner = np.repeat(np.arange(len(tall)), tall)
        shift = (np.cumsum(heights) - heights)[self.shape] - (np.cumsum(tall) - tall)
        return owner, shift[owner] + np.arange(len(owner))

    def leaf(self, owner: Integers, places: Integers) -> pl.Series:
        """Return leaves of documents by their places in them; "" for a place below 0."""
        first = np.cumsum(self.counts) - self.counts
        at = np.where(places < 0, len(self.leaves), first[owner] + places)
        return pl.concat([self.leaves, pl.Series([""])]).gather(at)


def kinds_of(leaves: pl.Series) -> Integers:
    """Return the kind of every leaf."""
    leaf = pl.col("leaf")
    kind = (
        pl.when(leaf.str.starts_with('"'))
        .then(STRING)
        .when(leaf.str.contains(_WHOLE))
        .then(WHOLE)
        .when(leaf == "null")
        .then(NULL)
        .when(leaf.is_in(["true", "false"]))
        .then(BOOLEAN)
        .otherwise(NUMBER)
    )
    found: Integers = (
        leaves.to_frame("leaf").select_seq(kind.cast(pl.Int64).alias("kind"))["kind"].to_numpy()
    )
    return found


def texts_of(strings: pl.Series) -> pl.Series:
    """Return what JSON strings say; half a surrogate pair becomes U+FFFD."""
    plain = strings.str.strip_prefix('"').str.strip_suffix('"')
    escaped = strings.str.contains("\\", literal=True).arg_true()
    if not len(escaped):
        return plain
    said = [_LONE.sub("\ufffd", json.loads(text)) for text in strings.gather(escaped)]
    return plain.scatter(escaped, pl.Series(said, dtype=pl.String))


def quoted(text: str) -> str:
    """Return a JSON string, nothing escaped that need not be."""
    return _LONE.sub(lambda half: f"\\u{ord(half[0]):04x}", _ENCODER.encode(text))


def strings_of(texts: pl.Series) -> pl.Series:
    """Return texts as JSON strings; null stays null."""
    mark = pl.lit('"')
    plain = texts.to_frame("text").select_seq(pl.concat_str(mark, "text", mark)).to_series()
    awkward = texts.str.contains(_TO_ESCAPE).arg_true()
    if not len(awkward):
        return plain
    said = [quoted(text) for text in texts.gather(awkward)]
    return plain.scatter(awkward, pl.Series(said, dtype=pl.String))
