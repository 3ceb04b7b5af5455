"""The value stage of detection: what stands in a column's values, whoever named the column.

Three ways of finding look at the distinct values: Presidio's patterns and checksums, dictionaries
of names and places, and a model if there is one. Nothing here needs the network.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import polars as pl

from masker.detect.entities import Entity
from masker.detect.pieces import cut

if TYPE_CHECKING:
    from masker.detect.people import People
    from masker.detect.presidio.engine import Engine
    from masker.detect.presidio.model import Model

FOUND = {
    "value_index": pl.UInt32,
    "entity": pl.String,
    "start": pl.Int64,
    "end": pl.Int64,
    "score": pl.Float64,
    "recognizer": pl.String,
}
FAILED = {"value_index": pl.UInt32, "recognizer": pl.String, "reason": pl.String}


@dataclass(frozen=True, slots=True)
class Found:
    """What was found in values, and where a recognizer did not finish.

    `frame`: value_index (row of the value in the series that was asked), entity, start and end
    (characters, not bytes; end excluded), score (0 to 1), recognizer; in order of value_index and
    start, and findings of different recognizers may overlap. `failed`: value_index, recognizer,
    reason (the kind of error); such a value is not known to be clean. Neither holds a value.
    """

    frame: pl.DataFrame
    failed: pl.DataFrame


class Detector:
    """Finds personal data in values.

    `countries` (ISO 3166-1 codes) enable national numbers and numbering plans. `dictionaries` are
    words by entity, FIRST_NAME, LAST_NAME and CITY (`masker.transformers` has Faker's); without
    them no names are found but by `model`, which is the name of an installed spaCy package, a
    folder, or a YAML file in Presidio's format.

    Raises ConfigError when the model is not there or cannot be loaded.
    """

    def __init__(
        self,
        *,
        countries: tuple[str, ...] = (),
        dictionaries: Mapping[Entity, pl.Series] | None = None,
        model: str | Path | None = None,
    ) -> None:
        # Presidio and spaCy take two seconds and 150 MB: only for those who look at values
        from masker.detect.presidio.engine import Engine  # noqa: PLC0415

        self._engine: Engine = Engine(tuple(country.upper() for country in countries))
        self._people: People | None = None
        self._model: Model | None = None
        if dictionaries is not None:
            from masker.detect.people import People  # noqa: PLC0415

            self._people = People(dictionaries)
        if model is not None:
            from masker.detect.presidio.model import Model  # noqa: PLC0415

            self._model = Model(model)

    def find(self, values: pl.Series) -> Found:
        """Return everything found in the values of a column, best given as distinct ones.

        Values of another type than text are looked at as polars writes them, bytes as UTF-8;
        what cannot be written as text is in `failed`. Nulls and empty texts hold nothing. Texts
        beyond 10,000 characters are looked at in overlapping pieces.
        """
        written = _written(values)
        pieces = cut(written)
        texts = pieces["text"]
        found, failed = self._engine.find(texts)
        rows = [(h.row, h.entity, h.start, h.end, h.score, h.recognizer) for h in found]
        if self._people is not None:
            rows += [
                (name.row, str(name.entity), name.start, name.end, name.score, f"name:{name.form}")
                for name in self._people.find(texts)
            ]
        if self._model is not None:
            more, more_failed = self._model.find(texts)
            rows += [(h.row, h.entity, h.start, h.end, h.score, h.recognizer) for h in more]
            failed += more_failed
        frame = _placed(rows, pieces)
        failures = [(failure.row, failure.recognizer, failure.reason) for failure in failed]
        unwritten = _unwritten(values, written)
        return Found(frame=frame, failed=pl.concat([unwritten, _of_values(failures, pieces)]))


def _placed(
    rows: list[tuple[int, str, int, int, float, str]], pieces: pl.DataFrame
) -> pl.DataFrame:
    """Return findings with places in the values instead of the pieces."""
    schema = {"row": pl.UInt32, **{name: FOUND[name] for name in list(FOUND)[1:]}}
    found = pl.DataFrame(rows, schema=schema, orient="row")
    places = pieces.select("value_index", "offset").with_row_index("row")
    placed = found.join(places, on="row", how="left", maintain_order="left").with_columns(
        pl.col("start", "end") + pl.col("offset")
    )
    order = ["value_index", "start", "end", "entity", "recognizer"]
    once = placed.select(*FOUND).sort(order, maintain_order=True)
    if pieces.height == pieces["value_index"].n_unique():
        return once
    return _whole(once.unique(order, keep="first", maintain_order=True), pieces)


def _whole(found: pl.DataFrame, pieces: pl.DataFrame) -> pl.DataFrame:
    """Drop, in values of several pieces, what a border cut off a finding of the other piece."""
    several = pieces.filter(pl.col("value_index").is_duplicated())["value_index"].unique()
    is_cut = pl.col("value_index").is_in(several.implode())
    before = pl.col("end").cum_max().shift(1).over("value_index", "entity")
    same_start = pl.col("end").max().over("value_index", "entity", "start")
    inside = (before >= pl.col("end")).fill_null(value=False) | (same_start > pl.col("end"))
    return found.filter(~is_cut | ~inside)


def _written(values: pl.Series) -> pl.Series:
    """Return values as text; null where they are none."""
    if values.dtype != pl.Binary:
        return values.cast(pl.String, strict=False)
    return pl.Series(values.name, [_decoded(value) for value in values], dtype=pl.String)


def _decoded(value: bytes | None) -> str | None:
    try:
        return None if value is None else value.decode()
    except UnicodeDecodeError:
        return None


def _unwritten(values: pl.Series, written: pl.Series) -> pl.DataFrame:
    """Return the values that are no text: bytes that are not UTF-8."""
    lost = (values.is_not_null() & written.is_null()).arg_true()
    frame = lost.alias("value_index").to_frame()
    return frame.with_columns(
        pl.col("value_index").cast(pl.UInt32), recognizer=pl.lit(""), reason=pl.lit("NotText")
    )


def _of_values(failures: list[tuple[int, str, str]], pieces: pl.DataFrame) -> pl.DataFrame:
    schema = {"row": pl.UInt32, "recognizer": pl.String, "reason": pl.String}
    failed = pl.DataFrame(failures, schema=schema, orient="row")
    values = pieces.select("value_index").with_row_index("row")
    return failed.join(values, on="row", how="left").select(*FAILED).unique(maintain_order=True)
