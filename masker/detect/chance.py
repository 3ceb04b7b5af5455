"""What chance explains among the findings of a column.

A tenth of all numbers passes the checksum of a card or of a national number, and four-part versions
are written like addresses of machines. One value cannot tell; the column can: where only a tenth of
the numbers alike pass, they pass by chance.
"""

from __future__ import annotations

import polars as pl

from masker.detect.entities import Entity

_CHECKED = frozenset({Entity.CREDIT_CARD, Entity.NATIONAL_ID, Entity.TAX_ID})
_PLAIN = r"^[0-9][0-9 .-]*[A-Za-z]?$"  # a number with at most a check letter
_MARKS = r"[ .-]"
_MANY = 10  # numbers alike from which on their share says something
_MORE_THAN_CHANCE = 0.4  # of the numbers alike; chance gives a tenth
_SURE = 0.75  # an international telephone number is no chance
_DOTTED = r"^\s*\d+(?:\.\d+){1,4}\s*$"  # what an address of a machine and a version look like
_VERSIONS = 32  # the first part of every version is below; of addresses, it rarely is


def beyond_chance(values: pl.Series, found: pl.DataFrame) -> pl.DataFrame:
    """Return the findings of a column's distinct values without those that chance explains.

    `found` is the frame of `Detector.find`; rows keep their order. Only plain numbers and whole
    values of dotted parts are ever dropped, never a finding with a word before it that lifts it.
    """
    if found.is_empty():
        return found
    text = values.cast(pl.String, strict=False)
    part = pl.col("text").str.slice(pl.col("start"), pl.col("end") - pl.col("start"))
    texts = pl.DataFrame({"text": text}).with_row_index("value_index")
    facts = (
        found.with_row_index("finding")
        .join(texts, on="value_index", how="left", maintain_order="left")
        .with_columns(
            plain=part.str.contains(_PLAIN),
            digits=part.str.replace_all(_MARKS, "").str.len_chars(),
            dotted=pl.col("text").str.contains(_DOTTED),
        )
    )
    dropped = [
        *_numbers(facts, text),
        *_versions(facts.filter((pl.col("entity") == Entity.IP_ADDRESS) & pl.col("dotted")), text),
    ]
    return found.filter(~pl.Series(range(found.height)).is_in(dropped))


def _numbers(facts: pl.DataFrame, text: pl.Series) -> list[int]:
    """Return the findings that are numbers and no more than chance finds, entity by entity."""
    bare = text.str.replace_all(_MARKS, "")
    dropped: list[int] = []
    # The marks of a telephone number tell it from other numbers; those of a card do not
    unmarked = (pl.col("end") - pl.col("start") == pl.col("digits")) & (pl.col("score") < _SURE)
    phone = (pl.col("entity") == Entity.PHONE_NUMBER) & unmarked
    plain = facts.filter("plain", pl.col("entity").is_in(list(map(str, _CHECKED))) | phone)
    for (entity, digits), of in plain.group_by("entity", "digits"):
        searched = text if entity == Entity.PHONE_NUMBER else bare
        alike = rf"(?:^|\D)\d{{{int(str(digits)) - 1}}}[\dA-Za-z](?:\D|$)"
        numbers = int(searched.str.contains(alike).sum())
        if numbers >= _MANY and of["value_index"].n_unique() < _MORE_THAN_CHANCE * numbers:
            dropped += of["finding"].to_list()
    return dropped


def _versions(dotted: pl.DataFrame, text: pl.Series) -> list[int]:
    """Return the addresses that are versions: most alike are none, or all begin low."""
    alike = int(text.str.contains(_DOTTED).sum())
    first = dotted["text"].str.extract(r"(\d+)").cast(pl.Int64)
    low = dotted.height >= _MANY and bool((first < _VERSIONS).all()) and first.n_unique() > 1
    some = dotted["value_index"].n_unique() < _MORE_THAN_CHANCE * alike
    return dotted["finding"].to_list() if low or some else []
