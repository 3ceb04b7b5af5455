"""Find in texts what names somebody, by every way of finding, most certain first."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.detect.detector import Detector
from masker.detect.dictionary import folded
from masker.detect.entities import Entity
from masker.detect.name_words import little_words
from masker.transformers.base import Known
from masker.transformers.free_text.known import (
    NAMES,
    SHARED,
    TOKEN,
    WHOLE,
    Windows,
    of_data_set,
    of_rows,
)
from masker.transformers.free_text.ordinary import without_ordinary
from masker.transformers.free_text.spans import Rank
from masker.transformers.free_text.unknown import unknown_names
from masker.transformers.free_text.vocabulary import ordinary
from masker.transformers.free_text.ways import Ways
from masker.transformers.free_text.words import Laid, Words
from masker.transformers.person.known import known_words

# One thing with whatever else is found in it.
CLOSED = frozenset(
    {
        Entity.EMAIL_ADDRESS,
        Entity.URL,
        Entity.IBAN_CODE,
        Entity.CREDIT_CARD,
        Entity.IP_ADDRESS,
        Entity.MAC_ADDRESS,
        Entity.USER_AGENT,
        Entity.SECRET,
        Entity.PASSWORD,
        Entity.CRYPTO,
    }
)
# What is known whole, and need not be read once more as a number or an address.
_BLOTTED = frozenset({"email", "phone", "card", "iban", "national_id"})
_BY_DICTIONARY = "name:"
_BY_MODEL = "model"
_GAP = 3  # characters between two words of one name: `Schmidt, A`
SPANS = {
    "case": pl.Int64,
    "start": pl.Int64,
    "end": pl.Int64,
    "rank": pl.Int64,
    "way": pl.Int64,
    "value": pl.String,
    "closed": pl.Boolean,
}


@functools.cache
def _detector(countries: tuple[str, ...], model: str | None) -> Detector:
    """Return the detector of a process: its dictionaries take a second to lay out."""
    return Detector(countries=countries, dictionaries=known_words(), model=model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Finder:
    """What is looked for, and how."""

    ways: Ways
    strict: bool
    entities: frozenset[str] | None
    countries: tuple[str, ...]
    model: str | None
    known: Known | None

    def find(
        self, texts: pl.Series, cases: pl.DataFrame, kin: list[tuple[str, int]]
    ) -> tuple[pl.DataFrame, frozenset[int]]:
        """Return everything found, overlaps included, and the rows of texts that defied analysis.

        `texts` are distinct; `cases` has `case`, `row` of the text, and a column per kin with the
        values that the text's own row holds. The frame is that of `SPANS`.
        """
        windows = Windows.of(Laid(texts))
        by_text: list[pl.DataFrame] = []
        looked = texts
        if self.known is not None:
            known = self._of_data_set(windows, self.known)
            by_text.append(known)
            looked = blotted(texts, known.filter(pl.col("way").is_in(self._closed_ways())))
        found = _detector(self.countries, self.model).find(looked)
        by_text.append(self._detected(without_ordinary(found.frame, texts)))
        if self.strict and self._wants(Entity.PERSON):
            by_text.append(self._unknown(texts, windows.tokens))
        every = pl.concat(by_text).join(cases.select_seq("case", "row"), on="row")
        own = self._of_rows(windows, cases, kin)
        failed = frozenset(found.failed["value_index"].to_list())
        return pl.concat([own, every.select_seq(*SPANS)]), failed

    def _closed_ways(self) -> list[int]:
        """Return the ways of numbers and addresses: nothing else need be looked for in those."""
        return [way for way in range(len(self.ways)) if self.ways.use(way) in _BLOTTED]

    def _wants(self, entity: str) -> bool:
        return self.entities is None or entity in self.entities

    def _detected(self, found: pl.DataFrame) -> pl.DataFrame:
        names = [entity for entity in found["entity"].unique() if self._wants(entity)]
        ways = {entity: self.ways.of(entity) for entity in sorted(names)}
        recognizer = pl.col("recognizer")
        rank = (
            pl.when(recognizer == _BY_MODEL)
            .then(int(Rank.MODEL))
            .when(recognizer.str.starts_with(_BY_DICTIONARY))
            .then(int(Rank.DICTIONARY))
            .otherwise(int(Rank.PATTERN))
        )
        return found.filter(pl.col("entity").is_in(names)).select_seq(
            pl.col("value_index").cast(pl.Int64).alias("row"),
            "start",
            "end",
            rank.cast(pl.Int64).alias("rank"),
            pl.col("entity").replace_strict(ways, default=0, return_dtype=pl.Int64).alias("way"),
            pl.lit(None, dtype=pl.String).alias("value"),
            pl.col("entity").is_in([str(each) for each in CLOSED]).alias("closed"),
        )

    def _unknown(self, texts: pl.Series, tokens: Words) -> pl.DataFrame:
        return unknown_names(texts, tokens).select_seq(
            "row",
            "start",
            "end",
            rank=pl.lit(int(Rank.UNKNOWN), dtype=pl.Int64),
            way=pl.lit(self.ways.of(Entity.PERSON), dtype=pl.Int64),
            value=pl.lit(None, dtype=pl.String),
            closed=pl.lit(value=False),
        )

    def _of_data_set(self, windows: Windows, known: Known) -> pl.DataFrame:
        found = of_data_set(windows, known)
        is_token = pl.col("form").str.starts_with(TOKEN)
        shared = [at for at in found["way"].unique() if self.ways.use(at) in SHARED]
        alone = (
            pl.col("form").str.starts_with(WHOLE)
            & ~pl.col("form").str.contains(" ", literal=True)
            & ~pl.col("form").str.contains("[0-9@]")
            & pl.col("way").is_in(shared)
        )
        sure = found.filter(~is_token & ~alone)
        tokens = self._believed(windows.tokens, found.filter(is_token))
        words = self._believed(windows.tokens, found.filter(alone))
        return pl.concat([sure, tokens, words]).select_seq(
            "row",
            "start",
            "end",
            rank=pl.lit(int(Rank.DATA_SET), dtype=pl.Int64),
            way="way",
            value=pl.lit(None, dtype=pl.String),
            closed=pl.lit(value=False),
        )

    def _believed(self, tokens: Words, found: pl.DataFrame) -> pl.DataFrame:
        """Return the single words that are known and are no ordinary words where they stand.

        In a strict text a capital is enough; stop words, and ordinary ones in other texts, need
        a second hit beside them.
        """
        if found.is_empty():
            return found
        words = _told(tokens)
        hits = words.join(found.select_seq("row", "start").unique(), on=["row", "start"])
        beside = _beside(hits["at"].to_numpy(), tokens)
        enough = pl.col("capital") & ~pl.col("stop")
        if not self.strict:
            enough &= ~pl.col("ordinary")
        else:
            enough |= ~pl.col("ordinary")
        good = hits.filter(
            enough
            | (pl.Series(beside) & pl.col("capital"))
            | (pl.Series(beside) & ~pl.col("ordinary"))
        )
        return found.join(good.select_seq("row", "start"), on=["row", "start"], how="semi")

    def _of_rows(
        self, windows: Windows, cases: pl.DataFrame, kin: list[tuple[str, int]]
    ) -> pl.DataFrame:
        found = of_rows(windows, cases, [(name, way, self.ways.use(way)) for name, way in kin])
        names = [way for _, way in kin if self.ways.use(way) in NAMES]
        is_token = pl.col("form").str.starts_with(TOKEN)
        where = cases.select_seq("case", "row")
        stop = _told(windows.tokens).filter(~pl.col("capital") & pl.col("stop"))
        doubtful = stop.join(where, on="row").select_seq("case", "start")
        sure = pl.concat(
            [
                found.filter(~is_token),
                found.filter(is_token).join(doubtful, on=["case", "start"], how="anti"),
            ]
        )
        whole = pl.col("form").str.starts_with(WHOLE)
        # Names are masked as the text writes them; of others the column's value gives its fake.
        value = pl.when(whole & ~pl.col("way").is_in(names)).then("value")
        return sure.select_seq(
            "case",
            "start",
            "end",
            pl.lit(int(Rank.OWN), dtype=pl.Int64).alias("rank"),
            "way",
            value.alias("value"),
            pl.lit(value=False).alias("closed"),
        )


def blotted(texts: pl.Series, spans: pl.DataFrame) -> pl.Series:
    """Return texts with each of the spans (row, start, end) written over; lengths stay."""
    if spans.is_empty():
        return texts
    rows = spans["row"].unique(maintain_order=True)
    written = dict(zip(rows, texts.gather(rows), strict=True))
    for row, start, end in spans.select("row", "start", "end").iter_rows():
        text = written[row]
        written[row] = text[:start] + "x" * (end - start) + text[end:]
    return texts.clone().scatter(rows, pl.Series(list(written.values()), dtype=pl.String))


def _told(tokens: Words) -> pl.DataFrame:
    """Return what each token is as a word: row, at, start, capital, ordinary, stop."""
    distinct = tokens.written.unique()
    plain = pl.Series([folded(word) for word in distinct], dtype=pl.String)
    facts = pl.DataFrame(
        {
            "written": distinct,
            "capital": distinct.str.head(1).str.to_lowercase() != distinct.str.head(1),
            "ordinary": plain.is_in(list(ordinary())),
            "stop": plain.is_in([folded(word) for word in little_words()]),
        }
    ).with_columns_seq(
        # A script without capitals writes all names like this.
        capital=pl.col("capital")
        | (pl.col("written").str.to_lowercase() == pl.col("written").str.to_uppercase())
    )
    frame = pl.DataFrame(
        {"row": tokens.rows, "start": tokens.starts, "written": tokens.written}
    ).with_row_index("at")
    return frame.join(facts, on="written", how="left", maintain_order="left")


def _beside(at: np.ndarray[tuple[int], np.dtype[np.uint32]], tokens: Words) -> list[bool]:
    """Tell for ascending positions of tokens whether one next to each is among them."""
    there = np.zeros(len(tokens), dtype=bool)
    there[at] = True
    near = np.zeros(len(tokens), dtype=bool)
    near[1:] = (tokens.rows[1:] == tokens.rows[:-1]) & (
        tokens.starts[1:] - tokens.ends[:-1] <= _GAP
    )
    before = np.zeros(len(tokens), dtype=bool)
    before[1:] = there[:-1] & near[1:]
    after = np.zeros(len(tokens), dtype=bool)
    after[:-1] = there[1:] & near[1:]
    told: list[bool] = (before | after)[at].tolist()
    return told
