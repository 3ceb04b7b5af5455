"""Known values in texts: of the text's own row, and of the whole data set by a survey's prints.

A value is known by forms, each a text with a letter in front that says what it is. The same forms
are made of the words of a text, and those that are equal are found by a join or by a fingerprint.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from masker.keys.forms import bare, folded, local_parts
from masker.transformers.base import Known
from masker.transformers.free_text.words import Laid, Words, runs, unmarked
from masker.transformers.person.fold import token_key
from masker.transformers.person.languages import PARTICLES, TITLES

WHOLE, BARE, LOCAL, TOKEN, HEAD = "w:", "b:", "l:", "t:", "h:"
NAMES = frozenset({"first_name", "last_name", "full_name"})
SHARED = frozenset({"city", "company", "username"})  # ordinary words may be one of these
# Of any other transformer's values only those are looked for that nothing else looks like.
_TELLING = NAMES | SHARED | {"email", "phone", "card", "iban", "national_id", "street", "postcode"}
_LONG = 8  # characters of such a value, which has a digit or an @
_SENTENCE = 4  # blanks in a text that nobody writes twice
_WORDS = 6  # longest run of words that is looked up
_NUMBER_WORDS = 8  # an IBAN in groups of four
_LEAST_BARE, _MOST_BARE = 5, 40  # letters and digits of a number
_LEAST_WHOLE = 3  # characters of a value that is looked for
_LEAST_LOCAL = 6  # characters of what stands before an @ and is looked for alone
_LOOKS_LOCAL = r"[0-9._-]"
_LETTERS = r"[\p{L}][\p{L}\p{M}'\u{2019}]+"


def forms_of(use: str, values: pl.Series) -> pl.DataFrame:
    """Return the forms by which distinct values of a transformer's column are known.

    `values` is a String series without nulls; returns columns `at` (its position) and `form`.
    """
    at = pl.Series("at", np.arange(len(values)), dtype=pl.Int64)
    whole = folded(values)
    fits = whole.str.len_chars() >= _LEAST_WHOLE
    if use in NAMES:  # single words of names are tokens
        fits &= whole.str.contains(" ", literal=True)
    elif use not in _TELLING:
        long = (whole.str.len_chars() >= _LONG) & whole.str.contains("[0-9@]")
        fits = long | (whole.str.count_matches(" ", literal=True) >= _SENTENCE)
    made = [_marked(WHOLE, at, whole, fits), _heads(at, whole.set(~fits, ""))]
    if use in NAMES:
        made.append(_tokens(at, values))
    elif use == "email":
        local = pl.DataFrame({"at": at, "whole": whole}).filter(
            pl.col("whole").str.contains("@", literal=True)
        )
        made.append(local_forms(local["at"], local_parts(local["whole"])))
    else:
        plain = bare(values)
        fits = plain.str.len_bytes().is_between(_LEAST_BARE, _MOST_BARE)
        made.append(_marked(BARE, at, plain, fits & plain.str.contains("[0-9]{3}")))
    return pl.concat(made)


def heads_of(whole: pl.Series) -> pl.Series:
    """Return the forms of the first words of folded values of several words."""
    at = pl.Series("at", np.arange(len(whole)), dtype=pl.Int64)
    return _heads(at, whole)["form"]


def local_forms(at: pl.Series, local: pl.Series) -> pl.DataFrame:
    """Return the forms of what stands before the @ of addresses."""
    told = (local.str.len_chars() >= _LEAST_LOCAL) & local.str.contains(_LOOKS_LOCAL)
    return _marked(LOCAL, at, local, told)


def _marked(mark: str, at: pl.Series, forms: pl.Series, fits: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"at": at, "form": forms}).filter(fits)
    return frame.with_columns_seq(form=pl.lit(mark) + pl.col("form"))


def _heads(at: pl.Series, whole: pl.Series) -> pl.DataFrame:
    """Return the first words of forms of several words: where longer windows are worth making."""
    several = whole.str.contains(" ", literal=True)
    return _marked(HEAD, at, whole.str.extract("^([^ ]+)"), several)


def _tokens(at: pl.Series, values: pl.Series) -> pl.DataFrame:
    frame = pl.DataFrame({"at": at, "token": values.str.extract_all(_LETTERS)}).explode("token")
    keyed = frame.drop_nulls().with_columns_seq(form=token_key(pl.col("token")))
    named = keyed.filter(
        ~pl.col("form").is_in([*TITLES, *PARTICLES]) & (pl.col("form").str.len_chars() > 1)
    )
    return named.select_seq("at", form=pl.lit(TOKEN) + pl.col("form")).unique(maintain_order=True)


@dataclass(frozen=True, slots=True)
class Windows:
    """The pieces of texts that may be known values: row, start, end, form; tokens apart.

    `words` are the single words, from which longer windows are made where a known value begins.
    """

    words: pl.DataFrame
    tokens: Words
    pieces: pl.DataFrame

    @classmethod
    def of(cls, laid: Laid) -> Windows:
        """Cut texts that were laid end to end."""
        words = laid.words()
        tokens = laid.tokens()
        frame = words.frame()
        single = pl.concat([frame, unmarked(words).frame()])
        local = single.filter(
            (pl.col("form").str.len_chars() >= _LEAST_LOCAL)
            & pl.col("form").str.contains(_LOOKS_LOCAL)
        )
        pieces = [
            _with(WHOLE, single),
            _with(LOCAL, local),
            _with(TOKEN, tokens.frame()),
            _with(BARE, _numbers(frame)),
            _with(WHOLE, _entire(laid.texts)),
        ]
        return cls(frame, tokens, pl.concat(pieces))

    def heads(self) -> pl.DataFrame:
        """Return the single words as heads, with their position: row, at, form."""
        return self.words.with_row_index("at").select_seq(
            "row", pl.col("at").cast(pl.Int64), form=pl.lit(HEAD) + pl.col("form")
        )

    def longer(self, first: pl.Series) -> pl.DataFrame:
        """Return the windows of several words that begin at these positions."""
        made = [runs(self.words, count, between=" ", first=first) for count in range(2, _WORDS + 1)]
        return _with(WHOLE, pl.concat(made))


def _with(mark: str, frame: pl.DataFrame) -> pl.DataFrame:
    return frame.select_seq("row", "start", "end", form=pl.lit(mark) + pl.col("form"))


def _entire(texts: pl.Series) -> pl.DataFrame:
    """Return whole texts, folded as the audit folds them, edges and all."""
    return pl.DataFrame(
        {
            "row": np.arange(len(texts)),
            "start": np.zeros(len(texts), dtype=np.int64),
            "end": texts.str.len_chars().cast(pl.Int64),
            "form": folded(texts),
        }
    ).filter(pl.col("form") != "")


def _numbers(words: pl.DataFrame) -> pl.DataFrame:
    """Return runs of words that hold a digit each, closed up."""
    holds = words["form"].str.contains("[0-9]")
    block = (~holds).cum_sum()
    digits = words.with_columns_seq(block=block).filter(holds)
    if digits.is_empty():
        return words.clear()
    plain = digits.with_columns_seq(
        form=bare(digits["form"]), row=pl.struct("row", "block").rank("dense")
    )
    every = pl.Series(np.arange(plain.height), dtype=pl.Int64)
    made = pl.concat(
        runs(plain, count, between="", first=every) for count in range(1, _NUMBER_WORDS + 1)
    )
    back = pl.DataFrame({"dense": plain["row"], "text": digits["row"]}).unique()
    fits = pl.col("form").str.len_bytes().is_between(_LEAST_BARE, _MOST_BARE)
    return (
        made.filter(fits & pl.col("form").str.contains("[0-9]{3}"))
        .join(back, left_on="row", right_on="dense", maintain_order="left")
        .select_seq(row="text", start="start", end="end", form="form")
    )


def of_data_set(windows: Windows, known: Known) -> pl.DataFrame:
    """Return the known values of the data set in texts: row, start, end, form, way."""
    heads = windows.heads()
    begins = heads["at"].filter(pl.Series(_found(heads["form"], known) >= 0))
    pieces = pl.concat([windows.pieces, windows.longer(begins)])
    return pieces.with_columns_seq(way=_found(pieces["form"], known)).filter(pl.col("way") >= 0)


def _found(forms: pl.Series, known: Known) -> np.ndarray[tuple[int], np.dtype[np.int64]]:
    distinct = forms.unique()
    ways = pl.Series(known.find(distinct), dtype=pl.Int64)
    return forms.replace_strict(distinct, ways, return_dtype=pl.Int64).to_numpy()


def of_rows(windows: Windows, cases: pl.DataFrame, kin: list[tuple[str, int, str]]) -> pl.DataFrame:
    """Return the values of a text's own row in it: case, start, end, form, way, value.

    `cases` has the columns `case` and `row` (of the text) and a column of values per kin; `kin`
    names these, with the way and the transformer that masks each.
    """
    made = [_wanted(cases, name, way, use) for name, way, use in kin]
    wanted = pl.concat([each for each in made if each.height] or [_NOTHING])
    if wanted.is_empty():
        return _NOTHING.select_seq(
            "case", pl.col("row").alias("start"), pl.col("row").alias("end"), "form", "way", "value"
        )
    heads = wanted.filter(pl.col("form").str.starts_with(HEAD)).select_seq("row", "form").unique()
    begins = windows.heads().join(heads, on=["row", "form"], how="semi")["at"].unique().sort()
    pieces = pl.concat([windows.pieces, windows.longer(begins)])
    return pieces.join(
        wanted.filter(~pl.col("form").str.starts_with(HEAD)), on=["row", "form"]
    ).select_seq("case", "start", "end", "form", "way", "value")


_NOTHING = pl.DataFrame(
    schema={
        "case": pl.Int64,
        "row": pl.Int64,
        "form": pl.String,
        "way": pl.Int64,
        "value": pl.String,
    }
)


def _wanted(cases: pl.DataFrame, name: str, way: int, use: str) -> pl.DataFrame:
    """Return the forms that one kin is looked for in each text: case, row, form, way, value."""
    there = cases.select_seq("case", "row", value=name).drop_nulls()
    distinct = there["value"].unique()
    forms = forms_of(use, distinct)
    known = forms.select_seq("form", value=distinct.gather(forms["at"]))
    return (
        there.join(known, on="value")
        .select_seq("case", "row", "form", "value", way=pl.lit(way, dtype=pl.Int64))
        .select_seq(*_NOTHING.columns)
    )
