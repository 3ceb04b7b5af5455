"""Whole texts replaced: about as long, in the same language, and about nothing."""

from __future__ import annotations

import functools
from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
import numpy.typing as npt
import polars as pl

from masker.keys import Keyring, prf
from masker.transformers.base import Masked, Param, Promises, Site, Transformer
from masker.transformers.distinct import over_distinct, set_apart
from masker.transformers.pooled import LOCALE
from masker.transformers.pools import pool, problem

_PROVIDER = "sentence"
_SENTENCES = 2_000  # of each language
_GAP = " "
_BEGINNING = 400  # characters that are looked at to tell the language
_BEYOND_LATIN = r"[^\x00-\x{24f}]"

# Locales whose words Faker knows, and how a text is told to be of their language: by its script, or
# by words that few sentences do without.
_SCRIPTS = {
    "ja_JP": r"\p{Hiragana}|\p{Katakana}",
    "zh_CN": r"\p{Han}",
    "ru_RU": r"\p{Cyrillic}",
    "el_GR": r"\p{Greek}",
    "ar_AA": r"\p{Arabic}",
    "he_IL": r"\p{Hebrew}",
    "th_TH": r"\p{Thai}",
    "hy_AM": r"\p{Armenian}",
}
_WORDS = {
    "en_US": "the and is was of to with have has not for please been this that you",
    "de_DE": "der die das und ist nicht ein eine mit war wurde bitte ich sie auf den dem",
    "fr_FR": "le les et est une des pas pour avec dans vous je nous été du",
    "es_ES": "el los las y es una por con para que no muy del está se",
    "it_IT": "il gli è una per con non che di sono della questo ha",
    "nl_NL": "het een en niet van met voor zijn was wij dat op te",
    "pl_PL": "nie jest się na z do że proszę oraz dla w i",
    "cs_CZ": "není je se na že prosím pro v a s od jsem",
    "da_DK": "og er ikke det en til med på jeg som har af",
}


@dataclass(frozen=True, eq=False, slots=True)
class Tape:
    """All sentences of a language in a row, and where sentences begin and words end in it.

    `text` is UTF-8; `starts` and `ends` are offsets in characters, `bytes_at` gives the offset in
    bytes of a character.
    """

    text: bytes
    starts: npt.NDArray[np.int64]
    ends: npt.NDArray[np.int64]
    bytes_at: npt.NDArray[np.int64]

    def cut(self, words: npt.NDArray[np.uint64], lengths: npt.NDArray[np.int64]) -> pl.Series:
        """Cut a piece for each row from a keyed sentence on, of at most `lengths` characters.

        It ends with a word where one ends in time. Longer than the tape is not to be had.
        """
        total = int(self.starts[-1])
        length = np.minimum(lengths, total)
        choices = np.searchsorted(self.starts, total - length, side="right").astype(np.uint64)
        start = self.starts[((words >> np.uint64(32)) * choices) >> np.uint64(32)]
        end = self.ends[np.searchsorted(self.ends, start + length, side="right") - 1]
        end = np.where(end > start, end, start + length)
        first = self.bytes_at[start]
        frame = pl.DataFrame({"first": first, "size": self.bytes_at[end] - first})
        piece = pl.lit(self.text).bin.slice(pl.col("first"), pl.col("size"))
        return frame.select_seq(piece.cast(pl.String)).to_series()


@dataclass(frozen=True)
class FakeText(Transformer):
    """Replaces whole texts."""

    name: ClassVar[str] = "fake_text"
    sentence: ClassVar[str] = (
        "Replaces a whole text by one about nothing, about as long and in the same language."
    )
    default_domain: ClassVar[str] = "text"
    params: ClassVar[tuple[Param, ...]] = (LOCALE,)
    locale: str | None = None

    def promises(self) -> Promises:
        """Return what holds for every output; short texts are few, so that some may coincide."""
        return Promises(never_equal=True, chance="pool", technique="synthetic data")

    def check(self, site: Site) -> tuple[str, ...]:
        """Say whether Faker knows the locale."""
        wrong = problem(_PROVIDER, self.locale or site.locale)
        return () if wrong is None else (wrong,)

    def pools(self, site: Site) -> Mapping[str, str]:
        """Return the pool of sentences of every language a text may be in."""
        made = [pool(_PROVIDER, locale, drawn=_SENTENCES) for locale in self._locales(site)]
        return {each.name: each.digest for each in made}

    def apply(
        self, values: pl.Series, *, site: Site, keys: Keyring, others: Mapping[str, pl.Series]
    ) -> Masked:
        """Mask a column of texts; a blank value stays, several lines become several lines."""
        del others
        return over_distinct(values, lambda distinct: self._mask(distinct, site, keys))

    def _locales(self, site: Site) -> list[str]:
        if self.locale is not None:
            return [self.locale]
        return list(dict.fromkeys([site.locale, *_SCRIPTS, *_WORDS]))

    def _mask(self, values: pl.Series, site: Site, keys: Keyring) -> pl.Series:
        text = values.rename("value")
        drawn = prf(text, keys=keys, domain=site.domain or self.default_domain, purpose="text")
        words = drawn.words[:, 0]
        lengths = text.str.len_chars().fill_null(0).to_numpy().astype(np.int64)
        if site.length is not None:
            lengths = np.minimum(lengths, site.length)
        language = language_of(text, self._locales(site))
        masked = pl.Series("masked", [None], dtype=pl.String).new_from_index(0, len(text))
        for locale in language.unique(maintain_order=True):
            rows = (language == locale).arg_true()
            at = rows.to_numpy()
            masked = masked.scatter(rows, _tape(locale).cut(words[at], lengths[at]))
        lines = text.str.contains("\n", literal=True)
        blank = text.str.strip_chars() == ""
        frame = pl.DataFrame({"value": text, "masked": set_apart(masked, text)})
        broken = pl.col("masked").str.replace_all(f".{_GAP}", ".\n", literal=True)
        return frame.select_seq(
            pl.when(blank).then("value").when(lines).then(broken).otherwise("masked")
        ).to_series()


def language_of(values: pl.Series, locales: list[str]) -> pl.Series:
    """Return the locale of each text's language, of those given; the first where nothing tells.

    A script decides before words do; the most frequent words decide, then the order given.
    """
    if len(locales) == 1:
        return pl.Series(locales).new_from_index(0, len(values))
    begin = pl.col("value").str.head(_BEGINNING).str.to_lowercase()
    frame = values.rename("value").to_frame().with_columns_seq(begin=pl.lit(" ") + begin + " ")
    known = [locale for locale in locales if locale in _WORDS]
    frame = frame.with_columns_seq(
        pl.col("begin").str.count_matches(f" (?:{'|'.join(_WORDS[locale].split())}) ").alias(locale)
        for locale in known
    ).with_columns_seq(most=pl.max_horizontal(known))
    told = (
        pl.when((pl.col(locale) == pl.col("most")) & (pl.col("most") > 0)).then(pl.lit(locale))
        for locale in known
    )
    chosen = pl.coalesce(*told, pl.lit(locales[0]))
    if values.str.contains(_BEYOND_LATIN).any():
        scripts = (
            pl.when(pl.col("value").str.contains(pattern)).then(pl.lit(locale))
            for locale, pattern in _SCRIPTS.items()
        )
        chosen = pl.coalesce(*scripts, chosen)
    return frame.select_seq(chosen).to_series()


@functools.cache
def _tape(locale: str) -> Tape:
    """Lay the sentences of a locale in a row, in an order that does not show the alphabet."""
    sentences = pool(_PROVIDER, locale, drawn=_SENTENCES).values
    mixed = sentences.to_frame("s").sort(pl.col("s").str.reverse(), "s")["s"]
    text = _GAP.join(mixed) + _GAP
    points = np.frombuffer(text.encode("utf-32-le"), dtype="<u4")
    sizes = mixed.str.len_chars().to_numpy().astype(np.int64) + len(_GAP)
    widths = pl.Series(list(text)).str.len_bytes().to_numpy().astype(np.int64)
    return Tape(
        text=text.encode(),
        starts=np.concatenate([[0], np.cumsum(sizes)]),
        ends=np.concatenate([[0], np.flatnonzero(points == ord(_GAP))]),
        bytes_at=np.concatenate([[0], np.cumsum(widths)]),
    )
