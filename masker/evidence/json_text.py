"""JSON documents: one text per meaning, and their leaves by path.

A document is parsed in Python, so this runs over distinct documents only.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from decimal import Decimal

import polars as pl

_ANY_ITEM = "*"


def canonical_json(values: pl.Series) -> pl.Series:
    """Return documents with sorted keys, no blanks and numbers in plain notation, same length.

    What is no JSON stays as it is.
    """
    distinct = values.unique()
    texts = [_canonical(text) for text in distinct]
    return values.replace_strict(distinct, pl.Series(texts, dtype=pl.String))


def _canonical(text: str) -> str:
    try:
        document = json.loads(text, parse_int=_number, parse_float=_number)
    except ValueError:
        return text
    return json.dumps(document, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def _number(text: str) -> str:
    # Tagged, so that the number 1 and the text "1" stay apart; jsonb keeps all digits.
    return f"\0{Decimal(text).normalize()}"


def changed_leaves(original: pl.Series, masked: pl.Series) -> pl.Series:
    """Return the texts at paths where masking changed anything in this batch, repetitions kept out.

    A path that is the same in every document before and after is one that the rules keep.
    Documents are paired by row; nulls are left out.
    """
    pairs = pl.DataFrame({"original": original, "masked": masked}).drop_nulls().unique()
    by_path: dict[str, set[str]] = {}
    changed: set[str] = set()
    for before, after in pairs.iter_rows():
        old, new = _leaves_of(before), _leaves_of(after)
        for path, texts in old.items():
            by_path.setdefault(path, set()).update(texts)
            if new.get(path) != texts:
                changed.add(path)
    leaves = {text for path in changed for text in by_path[path]}
    return pl.Series("leaves", sorted(leaves), dtype=pl.String)


def _leaves_of(text: str) -> dict[str, list[str]]:
    try:
        document = json.loads(text)
    except ValueError:
        return {"": [text]}
    found: dict[str, list[str]] = {}
    for path, leaf in _walk(document, ""):
        found.setdefault(path, []).append(leaf)
    return found


def _walk(node: object, path: str) -> Iterator[tuple[str, str]]:
    if isinstance(node, dict):
        for key, child in node.items():
            yield from _walk(child, f"{path}.{key}")
    elif isinstance(node, list):
        for child in node:
            yield from _walk(child, f"{path}.{_ANY_ITEM}")
    elif isinstance(node, str):
        yield path, node
