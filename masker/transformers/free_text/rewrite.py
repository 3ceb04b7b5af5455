"""Write fakes into texts: what was found is masked column-wise, what stands around it stays."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

import polars as pl

from masker.keys import Keyring
from masker.transformers.base import Site
from masker.transformers.free_text.spans import Span
from masker.transformers.free_text.ways import Ways


@dataclass(frozen=True, slots=True)
class Rewritten:
    """Texts with fakes in them, and the fakes by transformer where chance may make one known."""

    texts: pl.Series
    fakes: Mapping[str, pl.Series]


def rewritten(texts: list[str], spans: list[list[Span]], *, ways: Ways, keys: Keyring) -> Rewritten:
    """Replace the spans of each text, which do not overlap and are in order of their places."""
    wanted = [
        (span.way, span.value if span.value is not None else text[span.start : span.end])
        for text, found in zip(texts, spans, strict=True)
        for span in found
    ]
    frame = pl.DataFrame(wanted, schema={"way": pl.Int64, "value": pl.String}, orient="row")
    distinct = frame.unique(maintain_order=True)
    made: dict[tuple[int, str], str] = {}
    fakes: dict[str, list[pl.Series]] = {}
    for (number,), of in distinct.group_by("way", maintain_order=True):
        way = int(str(number))
        written = _masked(of["value"], way, ways=ways, keys=keys)
        made.update(zip(((way, value) for value in of["value"]), written, strict=True))
        transformer = ways[way].transformer
        if transformer.promises().chance != "nil":
            fakes.setdefault(transformer.name, []).append(written)
    new = [_joined(text, found, made) for text, found in zip(texts, spans, strict=True)]
    return Rewritten(
        pl.Series(new, dtype=pl.String),
        {use: pl.concat(parts).unique() for use, parts in fakes.items()},
    )


def _masked(values: pl.Series, way: int, *, ways: Ways, keys: Keyring) -> pl.Series:
    """Mask distinct values as their column does; those that are too long for it as elsewhere."""
    site = ways[way].site
    made = _applied(values, way, site, ways=ways, keys=keys)
    if site.length is None:
        return made
    long = (values.str.len_chars() > site.length).arg_true()
    if not len(long):
        return made
    whole = _applied(values.gather(long), way, replace(site, length=None), ways=ways, keys=keys)
    return made.scatter(long, whole)


def _applied(values: pl.Series, way: int, site: Site, *, ways: Ways, keys: Keyring) -> pl.Series:
    masked = ways[way].transformer.apply(values, site=site, keys=keys, others={})
    return masked.values.fill_null("")


def _joined(text: str, found: list[Span], made: Mapping[tuple[int, str], str]) -> str:
    parts: list[str] = []
    at = 0
    for span in found:
        surface = text[span.start : span.end]
        parts += (text[at : span.start], made[span.way, span.value or surface])
        at = span.end
    return "".join((*parts, text[at:]))
