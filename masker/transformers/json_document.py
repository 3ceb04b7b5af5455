"""One JSON document taken apart: its text, with places left open where leaves are masked."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NoReturn

from masker.transformers.json_path import Paths, State

Group = tuple[int | None, str]  # (number of the path, None where none names it; kind of leaf)
STRING, NUMBER, BOOLEAN = "string", "number", "boolean"


@dataclass(slots=True)
class Leaves:
    """The distinct leaves of many documents, by group; each has a place in its group."""

    groups: dict[Group, dict[str, int]] = field(default_factory=dict)

    def place(self, group: Group, text: str) -> int:
        """Return the place of a leaf in its group."""
        known = self.groups.setdefault(group, {})
        return known.setdefault(text, len(known))


@dataclass(frozen=True, slots=True)
class Template:
    """A document: pieces of text, and leaves (group, place in it) that stand between them."""

    pieces: tuple[str | tuple[Group, int], ...]

    @property
    def leaves(self) -> list[tuple[Group, int]]:
        """Return the leaves in order."""
        return [piece for piece in self.pieces if not isinstance(piece, str)]

    def written(self, leaf: Callable[[Group, int], str]) -> str:
        """Return the document with every leaf as `leaf` writes it."""
        return "".join(piece if isinstance(piece, str) else leaf(*piece) for piece in self.pieces)


class _Number(str):
    """A number as the document writes it."""

    __slots__ = ()


class _Object(list[tuple[str, object]]):
    """The members of an object, in order, doubled keys included."""


def read(text: str, paths: Paths, kept: frozenset[int], leaves: Leaves) -> Template | None:
    """Take a document apart and add its leaves to `leaves`; None if it is no JSON.

    Leaves of the paths in `kept`, and null, stay in the text. What is no leaf is written as
    PostgreSQL writes jsonb: a blank behind colons and commas, nothing escaped that need not be.
    """
    try:
        document = _DECODER.decode(text)
        pieces: list[str | tuple[Group, int]] = []
        _walk(document, paths.start, None, _Walk(paths, kept, leaves, pieces))
    except (ValueError, RecursionError):
        return None
    return Template(tuple(pieces))


@dataclass(frozen=True, slots=True)
class _Walk:
    paths: Paths
    kept: frozenset[int]
    leaves: Leaves
    pieces: list[str | tuple[Group, int]]


def _walk(node: object, state: State, above: int | None, walk: _Walk) -> None:
    """Write a node; `above` is the path that covers it unless one ends here."""
    ended = walk.paths.rule(state)
    rule = above if ended is None else ended
    if isinstance(node, _Object):
        mark = "{"
        for key, child in node:
            walk.pieces.append(f"{mark}{quoted(key)}: ")
            _walk(child, walk.paths.step(state, key), rule, walk)
            mark = ", "
        walk.pieces.append("}" if node else "{}")
    elif isinstance(node, list):
        mark = "["
        for number, child in enumerate(node):
            walk.pieces.append(mark)
            _walk(child, walk.paths.step(state, number), rule, walk)
            mark = ", "
        walk.pieces.append("]" if node else "[]")
    else:
        _leaf(node, rule, walk)


def _leaf(node: object, rule: int | None, walk: _Walk) -> None:
    if node is None:
        walk.pieces.append("null")
        return
    kind, text, plain = STRING, str(node), str(node)
    if isinstance(node, bool):
        kind, text, plain = BOOLEAN, "t" if node else "f", "true" if node else "false"
    elif isinstance(node, _Number):
        kind = NUMBER
    else:
        plain = quoted(text)
    if rule in walk.kept:
        walk.pieces.append(plain)
    else:
        group = (rule, kind)
        walk.pieces.append((group, walk.leaves.place(group, text)))


def quoted(text: str) -> str:
    """Return a JSON string."""
    return _ENCODER.encode(text)


def _refuse(constant: str) -> NoReturn:
    raise ValueError(f"{constant} is no JSON")


_DECODER = json.JSONDecoder(
    object_pairs_hook=_Object, parse_float=_Number, parse_int=_Number, parse_constant=_refuse
)
_ENCODER = json.JSONEncoder(ensure_ascii=False)
