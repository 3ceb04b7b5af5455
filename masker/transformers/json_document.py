"""JSON documents taken apart and put together: text that stays, and leaves that are masked."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.transformers.json_path import Paths, State
from masker.transformers.json_tokens import Integers, Tokens, quoted

NO_PATH, NO_LEAF = -1, -2


@dataclass(frozen=True, slots=True)
class Shape:
    """What documents of one shape have in common.

    `pieces` are the texts before each leaf and behind the last; `rules` the number of the path
    that covers each leaf, `NO_PATH` where none does, and `NO_LEAF` at the end.
    """

    pieces: Sequence[str]
    rules: Sequence[int]


@dataclass(frozen=True, slots=True)
class Documents:
    """Documents as rows: a piece of text and the leaf behind it, in order; the last row has none.

    `owner` tells by row which document it is of (what is no JSON has no rows), `rules` as
    in `Shape`; `leaves` are written as in the document, "" where there is none.
    """

    owner: Integers
    pieces: pl.Series
    leaves: pl.Series
    rules: Integers

    @classmethod
    def of(cls, documents: pl.Series, paths: Paths) -> Self:
        """Take documents apart, none null.

        The pieces are written as PostgreSQL writes jsonb: a blank behind colons and commas,
        nothing escaped that need not be.
        """
        tokens = Tokens.of(documents)
        shapes = [read(text, paths) or Shape((), ()) for text in tokens.shapes]
        heights = np.array([len(shape.pieces) for shape in shapes], dtype=np.int64)
        owner, at = tokens.rows(heights)
        pieces = pl.Series([p for shape in shapes for p in shape.pieces], dtype=pl.String)
        rules = np.array([r for shape in shapes for r in shape.rules], dtype=np.int64)[at]
        places = at - (np.cumsum(heights) - heights)[tokens.shape][owner]
        leaves = tokens.leaf(owner, np.where(rules == NO_LEAF, -1, places))
        return cls(owner, pieces.gather(at), leaves, rules)

    def written(self, leaves: pl.Series, chances: npt.NDArray[np.float64]) -> pl.DataFrame:
        """Put documents together with other leaves: columns `owner`, `made`, `chance`.

        `chances` are those of each leaf to be what it was, 1 where there is none.
        """
        frame = pl.DataFrame(
            {"owner": self.owner, "piece": self.pieces, "leaf": leaves, "chance": chances}
        )
        text = pl.concat_str("piece", "leaf").str.join("").alias("made")
        return frame.group_by("owner", maintain_order=True).agg(text, pl.col("chance").product())


class _Object(list[tuple[str, object]]):
    """The members of an object, in order, doubled keys included."""


def read(shape: str, paths: Paths) -> Shape | None:
    """Read a shape; None if it is no JSON, or deeper than can be read."""
    walk = _Walk(paths)
    try:
        _walk(_DECODER.decode(shape), paths.start, NO_PATH, walk)
    except (ValueError, RecursionError):
        return None
    walk.leaf(NO_LEAF)
    return Shape(walk.pieces, walk.rules)


@dataclass(frozen=True, slots=True)
class _Walk:
    paths: Paths
    pieces: list[str] = field(default_factory=list)
    rules: list[int] = field(default_factory=list)
    open: list[str] = field(default_factory=list)  # text since the last leaf

    def leaf(self, rule: int) -> None:
        self.pieces.append("".join(self.open))
        self.rules.append(rule)
        self.open.clear()


def _walk(node: object, state: State, above: int, walk: _Walk) -> None:
    """Write a node; `above` is the path that covers it unless one ends here."""
    ended = walk.paths.rule(state)
    rule = above if ended is None else ended
    if isinstance(node, _Object):
        mark = "{"
        for key, child in node:
            walk.open.append(f"{mark}{quoted(key)}: ")
            _walk(child, walk.paths.step(state, key), rule, walk)
            mark = ", "
        walk.open.append("}" if node else "{}")
    elif isinstance(node, list):
        mark = "["
        for number, child in enumerate(node):
            walk.open.append(mark)
            _walk(child, walk.paths.step(state, number), rule, walk)
            mark = ", "
        walk.open.append("]" if node else "[]")
    else:
        walk.leaf(rule)


_DECODER = json.JSONDecoder(object_pairs_hook=_Object)
