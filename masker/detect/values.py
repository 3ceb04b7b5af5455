"""What a column's values alone say: it is a thing, it contains it, or neither.

Two different questions. A column *is* e-mail addresses when most of its distinct values are one, as
a whole. It *contains* personal data when one finding is sure enough, however rare. What chance
explains counts for neither: see `beyond_chance`.
"""

from __future__ import annotations

import enum
from dataclasses import dataclass

import polars as pl

from masker.detect.chance import beyond_chance
from masker.detect.detector import Found
from masker.detect.entities import Entity

_MOST = 0.5  # share of the distinct values from which on a column is an entity
_COVERED = 0.7  # share of a value's characters that findings must take for it to be one as a whole
_SURE = 0.75  # score of a finding that says enough alone
_SURE_BY_FORM = {
    Entity.IP_ADDRESS: 0.6,
    Entity.MAC_ADDRESS: 0.6,
    Entity.PHONE_NUMBER: 0.55,
    Entity.STREET_ADDRESS: 0.7,
}
# Dictionary words and capitals: a few values that fit are coincidence
_BY_WORDS = frozenset(
    {Entity.PERSON, Entity.FIRST_NAME, Entity.LAST_NAME, Entity.CITY, Entity.ORGANIZATION}
)
_FEW = 3
_RARE = 0.01  # share below which a few names among other words are coincidence
# A text that holds one of these beside other words is not personal for that alone
_ONLY_WHOLE = frozenset(
    {Entity.FIRST_NAME, Entity.LAST_NAME, Entity.CITY, Entity.ORGANIZATION, Entity.URL}
)
_SENTENCE = r"(?:^|\s)\p{Ll}{2,}"  # a word in lower case: a text, not a label


class Verdict(enum.StrEnum):
    """What a column's values say of an entity."""

    IS = "is"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True, kw_only=True)
class Judgement:
    """One entity in one column's values.

    `score` is between 0 and 1; `share` is the share of distinct values that are the entity as a
    whole (`is`) or hold one (`contains`), `rows` the same of rows, `hits` the number of distinct
    values. `evidence` says in words what was seen, never a value.
    """

    entity: Entity
    verdict: Verdict
    score: float
    share: float
    rows: float
    hits: int
    evidence: tuple[str, ...]


def judge_values(
    values: pl.Series, found: Found, counts: pl.Series | None = None
) -> tuple[Judgement, ...]:
    """Judge a column by what was found in its distinct values, the surest entity first.

    `values` is the String series that `found` was made of; `counts` says how many rows hold each
    of them (else one each). Empty if nothing speaks for any entity.
    """
    asked = _asked(values, counts)
    facts = _facts(asked, beyond_chance(values, found.frame))
    judgements = [
        made
        for (entity,), of in facts.group_by("entity", maintain_order=True)
        if (made := _judged(Entity(str(entity)), of, asked)) is not None
    ]
    kept = [each for each in judgements if not _explained(each, judgements)]
    return tuple(sorted(kept, key=lambda each: (-each.score, each.entity)))


def _asked(values: pl.Series, counts: pl.Series | None) -> pl.DataFrame:
    """Return the values that hold anything: value_index, text, count."""
    ones = pl.repeat(1, len(values), dtype=pl.Int64, eager=True)
    count = ones if counts is None else counts.cast(pl.Int64)
    frame = pl.DataFrame({"text": values.cast(pl.String, strict=False), "count": count})
    return frame.with_row_index("value_index").filter(
        pl.col("text").str.strip_chars().str.len_bytes() > 0
    )


def _facts(asked: pl.DataFrame, found: pl.DataFrame) -> pl.DataFrame:
    """Return one row per value and entity: text, count, best score, covered share, recognizers."""
    before = pl.col("end").cum_max().shift(1).over("value_index", "entity")
    length = pl.col("text").str.strip_chars().str.len_chars().first()
    return (
        found.join(asked, on="value_index", how="inner", maintain_order="left")
        # characters that an earlier finding of the entity has covered do not count again
        .with_columns(width=(pl.col("end") - pl.max_horizontal("start", before)).clip(0))
        .group_by("entity", "value_index", maintain_order=True)
        .agg(
            pl.col("count", "text").first(),
            pl.col("score").max(),
            covered=pl.col("width").sum() / length,
            recognizers=pl.col("recognizer").unique(maintain_order=True),
        )
    )


def _judged(entity: Entity, facts: pl.DataFrame, asked: pl.DataFrame) -> Judgement | None:
    whole = facts.filter(pl.col("covered") >= _COVERED)
    share = whole.height / asked.height
    if share >= _MOST and (entity not in _BY_WORDS or whole.height >= _FEW):
        score = min(0.99, 0.5 + share / 2) * min(1.0, 0.4 + _mean(whole["score"]))
        return _made(entity, Verdict.IS, score, whole, asked)
    sure = facts.filter(pl.col("score") >= _SURE_BY_FORM.get(entity, _SURE))
    if entity in _ONLY_WHOLE or sure.is_empty():
        return None
    score = min(0.95, _mean(sure["score"]))
    if entity is Entity.PERSON:
        score = min(score, _most_by_names(sure, asked.height))
    return _made(entity, Verdict.CONTAINS, score, sure, asked)


def _most_by_names(sure: pl.DataFrame, total: int) -> float:
    """Return how much names may say at most: products and places are named after people, too."""
    if int(sure["text"].str.contains(_SENTENCE).sum()) >= _FEW:
        return 0.95
    return 0.5 if sure.height >= _FEW or sure.height / total >= _RARE else 0.4


def _explained(judgement: Judgement, among: list[Judgement]) -> bool:
    """Tell whether another entity that the column is explains the same values better."""
    for other in among:
        if other is judgement or other.verdict is not Verdict.IS:
            continue
        if judgement.verdict is Verdict.IS:
            if (other.score, other.share) > (judgement.score, judgement.share):
                return True
        elif other.share >= 1 - _RARE:
            return True
    return False


def _made(
    entity: Entity, verdict: Verdict, score: float, facts: pl.DataFrame, asked: pl.DataFrame
) -> Judgement:
    share = facts.height / asked.height
    percent = f"{share:.0%}" if share >= _RARE else f"{share:.2%}"
    how = "are" if verdict is Verdict.IS else "hold"
    return Judgement(
        entity=entity,
        verdict=verdict,
        score=round(score, 2),
        share=round(share, 4),
        rows=round(float(facts["count"].sum()) / max(1, int(asked["count"].sum())), 4),
        hits=facts.height,
        evidence=(f"{percent} of {asked.height} distinct values {how} one", *_ways(facts)),
    )


def _ways(facts: pl.DataFrame) -> list[str]:
    """Say how it was found: by dictionary, by a model, or by a recognizer's form or checksum."""
    names = facts["recognizers"].explode().unique().to_list()
    return sorted(
        {
            "dictionary" if name.startswith("name:") else "model" if name == "model" else name
            for name in names
        }
    )


def _mean(scores: pl.Series) -> float:
    return float(scores.to_numpy().mean())
