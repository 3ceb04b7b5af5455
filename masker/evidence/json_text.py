"""JSON documents: one text per meaning, and the leaves that masking changed.

Documents are cut into columns; Python loops run over their shapes, over distinct numbers and over
texts that hold an escaped character.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import count
from typing import Final, Self

import numpy as np
import polars as pl

from masker.transformers.json_tokens import (
    NUMBER,
    STRING,
    WHOLE,
    Integers,
    Tokens,
    kinds_of,
    quoted,
    strings_of,
    texts_of,
)

_ANY_ITEM = "*"
_END = -1  # behind the last leaf
_BROKEN = -1  # the layout of what is no JSON
# How a leaf's place is written while a shape is sorted; a key has a colon behind it.
_PLACE: Final = re.compile(r'"\\u0000(\d+)\\u0000"(?!:)')


def canonical_json(values: pl.Series) -> pl.Series:
    """Return documents with sorted keys, no blanks and numbers in plain notation, same length.

    What is no JSON stays as it is.
    """
    distinct = values.unique()
    tokens = Tokens.of(distinct)
    shapes = [_Sorted.of(shape) for shape in tokens.shapes]
    owner, at = tokens.rows(np.array([len(shape.pieces) for shape in shapes], dtype=np.int64))
    pieces = pl.Series([p for shape in shapes for p in shape.pieces], dtype=pl.String)
    places = np.array([p for shape in shapes for p in shape.places], dtype=np.int64)
    leaf = _canonical_leaves(tokens.leaf(owner, places[at]))
    frame = pl.DataFrame({"owner": owner, "piece": pieces.gather(at), "leaf": leaf})
    made = frame.group_by("owner", maintain_order=True).agg(
        pl.concat_str("piece", "leaf").str.join("").alias("made")
    )
    return values.replace_strict(distinct, distinct.clone().scatter(made["owner"], made["made"]))


@dataclass(frozen=True, slots=True)
class _Sorted:
    """A shape with sorted keys: texts, and the place in the document of the leaf behind each."""

    pieces: Sequence[str]
    places: Sequence[int]

    @classmethod
    def of(cls, shape: str) -> Self:
        """Sort a shape; no pieces if it is no JSON."""
        places = count()
        try:
            document = json.loads(shape, parse_int=lambda _: f"\0{next(places)}\0")
            text = json.dumps(document, sort_keys=True, separators=(",", ":"))
        except (ValueError, RecursionError):
            return cls((), ())
        cut = _PLACE.split(text)
        return cls(cut[::2], (*map(int, cut[1::2]), _END))


def _canonical_leaves(leaves: pl.Series) -> pl.Series:
    kinds = kinds_of(leaves)
    numbers = pl.Series((kinds == WHOLE) | (kinds == NUMBER)) & (leaves != "")
    distinct = leaves.filter(numbers).unique()
    plain = pl.Series([_plain_number(text) for text in distinct], dtype=pl.String)
    made = leaves.filter(numbers).replace_strict(distinct, plain, return_dtype=pl.String)
    return _respelled(leaves).scatter(numbers.arg_true(), made)


def _plain_number(text: str) -> str:
    # Tagged, so that the number 1 and the text "1" stay apart; jsonb keeps all digits.
    try:
        return quoted(f"\0{Decimal(text).normalize()}")
    except ArithmeticError:  # an exponent beyond what any numeric holds
        return text


def _respelled(leaves: pl.Series) -> pl.Series:
    """Return leaves with texts in one spelling: nothing escaped that need not be."""
    escaped = leaves.str.contains("\\", literal=True).arg_true()
    if not len(escaped):
        return leaves.clone()
    return leaves.clone().scatter(escaped, strings_of(texts_of(leaves.gather(escaped))))


def changed_leaves(original: pl.Series, masked: pl.Series) -> pl.Series:
    """Return the texts at paths where masking changed anything in this batch, repetitions kept out.

    A path that is the same in every document before and after is one that the rules keep.
    Documents are paired by row; nulls are left out. In a document whose structure changed, or
    that is no JSON, all is changed.
    """
    pairs = pl.DataFrame({"original": original, "masked": masked}).drop_nulls().unique()
    layouts: dict[tuple[str, ...], int] = {}
    before, after = (_Laid.of(pairs[name], layouts) for name in ("original", "masked"))
    alike = before.layout == after.layout
    here, there = alike[before.owner], alike[after.owner]
    differs = np.ones(len(before.owner), dtype=np.bool_)
    differs[here] = (
        _respelled(before.leaves.filter(here)) != _respelled(after.leaves.filter(there))
    ).to_numpy()
    strings = kinds_of(before.leaves) == STRING
    secret = strings & np.isin(before.paths, np.unique(before.paths[strings & differs]))
    broken = pairs.filter(before.layout == _BROKEN).filter(pl.col("original") != pl.col("masked"))
    leaves = pl.concat([texts_of(before.leaves.filter(secret)), broken["original"]])
    return leaves.unique().sort().alias("leaves")


@dataclass(frozen=True, slots=True)
class _Laid:
    """Documents laid out: `layout` by document, equal where the paths of all leaves are.

    By leaf, in order: the document it is of (`owner`), its path as a number, and itself.
    """

    layout: Integers
    owner: Integers
    paths: Integers
    leaves: pl.Series

    @classmethod
    def of(cls, documents: pl.Series, layouts: dict[tuple[str, ...], int]) -> Self:
        """Lay documents out; new layouts are numbered in `layouts`."""
        tokens = Tokens.of(documents)
        shapes = [_paths(shape) for shape in tokens.shapes]
        known = [
            _BROKEN if paths is None else layouts.setdefault(paths, len(layouts))
            for paths in shapes
        ]
        names: dict[str, int] = {}
        numbers = [names.setdefault(p, len(names)) for paths in shapes for p in paths or ()]
        heights = np.array([len(paths or ()) for paths in shapes], dtype=np.int64)
        owner, at = tokens.rows(heights)
        there = np.repeat(heights[tokens.shape] > 0, tokens.counts)
        return cls(
            np.array(known, dtype=np.int64)[tokens.shape],
            owner,
            np.array(numbers, dtype=np.int64)[at],
            tokens.leaves.filter(there),
        )


class _Object(list[tuple[str, object]]):
    """The members of an object, in order, doubled keys included."""


def _paths(shape: str) -> tuple[str, ...] | None:
    """Return the path of every leaf in order; None if the shape is no JSON."""
    try:
        return tuple(_walk(json.loads(shape, object_pairs_hook=_Object), ""))
    except (ValueError, RecursionError):
        return None


def _walk(node: object, path: str) -> Iterator[str]:
    if isinstance(node, _Object):
        for key, child in node:
            yield from _walk(child, f"{path}.{key}")
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, f"{path}.{_ANY_ITEM}")
    else:
        yield path
