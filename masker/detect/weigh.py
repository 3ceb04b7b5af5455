"""Weigh what a column's name says against what its values say: one answer per column."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import polars as pl

from masker.catalog import Kind, TableName
from masker.detect.entities import Entity
from masker.detect.names import STRONG, Proposal
from masker.detect.values import Judgement, Verdict
from masker.detect.words import DOCUMENTS

ENOUGH = 200  # values after which silence says something
_GENERAL = 0.7  # of words such as `data`, which values may deny; `old_values` they may not
_FLAGS = 3
_YES_AND_NO = frozenset(
    {"0", "1", "y", "n", "yes", "no", "t", "f", "true", "false", "on", "off", "j", "ja", "nein",
     "oui", "non", "s", "si", "sim", "nao", "nee", "tak", "nie", "x", "-"}
)  # fmt: skip
_FEW = 3  # titles and products are called like people and streets, too
_MANY = 0.25  # of the values: with a name that says the same, the column is it
_CLOSED = 50  # words of a short list, each of them often
_OFTEN = 20
_LABEL = r"^[\p{L}\p{N}][\p{L}\p{N} _./+:-]{0,39}$"

_NAMES = frozenset({Entity.PERSON, Entity.FIRST_NAME, Entity.LAST_NAME})
_WORDS = _NAMES | {Entity.CITY, Entity.ORGANIZATION, Entity.REGION, Entity.COUNTRY}
_CHECKED = frozenset({Entity.CREDIT_CARD, Entity.IBAN_CODE, Entity.NATIONAL_ID, Entity.TAX_ID,
                      Entity.CRYPTO, Entity.BANK_ACCOUNT})  # fmt: skip
# What one word for a thing may stand for: an address in a column of logins.
_LOOSE = frozenset({Entity.USERNAME, Entity.PERSON, Entity.FREE_TEXT, Entity.OPAQUE_DATA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen of a column: how many values in how many rows, and what is in them.

    `power` is how likely a value is seen that one row in a thousand holds; `fields` are the
    entities that fields of its documents, or attributes beside it, are named by; `flags`: it holds
    yes and no; `labels`: it holds a few words of a list, each many times; `failed`: values on which
    a recognizer did not finish.
    """

    rows: int = 0
    distinct: int = 0
    power: float = 0.0
    judgements: tuple[Judgement, ...] = ()
    fields: tuple[Entity, ...] = ()
    flags: bool = False
    labels: bool = False
    failed: int = 0


def is_flags(values: pl.Series) -> bool:
    """Tell whether distinct values are yes and no rather than data."""
    words = values.str.strip_chars().str.to_lowercase()
    return 0 < values.len() <= _FLAGS and bool(words.is_in([*_YES_AND_NO]).all())


def is_labels(values: pl.Series, counts: pl.Series) -> bool:
    """Tell whether distinct values are a short list of words, each many times."""
    few = 0 < values.len() <= _CLOSED and int(counts.sum()) >= _OFTEN * values.len()
    return few and bool(values.str.contains(_LABEL).all())


def weigh(
    proposal: Proposal | None, looked: Looked, *, table: TableName, column: str, kind: Kind
) -> Proposal | None:
    """Return what a column holds, from names and values together; None: nothing personal.

    A score below `STRONG` means that a person must decide.
    """
    if not looked.rows:
        return proposal
    if looked.flags and looked.rows >= ENOUGH and kind is Kind.TEXT:
        return None
    one = next((each for each in looked.judgements if each.verdict is Verdict.IS), None)
    if one is not None and one.score >= STRONG:
        return _is_one(proposal, _say(one.entity, [one], table, column), kind)
    agreed = _agreeing(proposal, looked)
    said = _mixed(looked, table, column, kind)
    if agreed is not None or (said is None and proposal is None):
        return agreed
    if said is not None:
        return _contains(proposal, said)
    return None if proposal is not None and _denied(proposal, looked) else proposal


def _mixed(looked: Looked, table: TableName, column: str, kind: Kind) -> Proposal | None:
    """Return what a column is of which some values hold something."""
    entity = Entity.OPAQUE_DATA if kind in DOCUMENTS else Entity.FREE_TEXT
    inside = [each for each in looked.judgements if _says_enough(each)]
    if inside:
        return _say(entity, inside, table, column, contains=True)
    if not looked.fields:
        return None
    said = f"its fields are named like {', '.join(looked.fields)}"
    return Proposal(
        table=table,
        column=column,
        entity=entity,
        score=0.85,
        evidence=(said,),
        signs=("values",),
        contains=True,
    )


def _is_one(proposal: Proposal | None, said: Proposal, kind: Kind) -> Proposal:
    """Return one answer where most values are one thing."""
    if proposal is None or proposal.score < STRONG:
        return said
    if proposal.entity is said.entity or {proposal.entity, said.entity} <= _NAMES:
        return replace(_together(proposal, said), score=max(proposal.score, 0.98))
    if proposal.entity in _LOOSE and said.entity not in _WORDS and kind is Kind.TEXT:
        return replace(said, signs=("name", *said.signs))
    return proposal


def _agreeing(proposal: Proposal | None, looked: Looked) -> Proposal | None:
    """Return a weak proposal made strong by values that weakly say the same."""
    if proposal is None or proposal.score >= STRONG:
        return None
    for each in looked.judgements:
        same = each.entity is proposal.entity or {each.entity, proposal.entity} <= _NAMES
        if same and (each.verdict is Verdict.IS or each.share >= _MANY):
            said = _say(proposal.entity, [each], proposal.table, proposal.column)
            # Two independent reasons: wrong only if both are.
            score = 1 - (1 - proposal.score) * (1 - each.score)
            return replace(_together(proposal, said), score=round(score, 2))
    return None


def _says_enough(judgement: Judgement) -> bool:
    """Tell whether what values hold is enough to call them personal."""
    by_words = judgement.entity in _WORDS | {Entity.STREET_ADDRESS}
    return judgement.score >= STRONG and (not by_words or judgement.hits >= _FEW)


def _contains(proposal: Proposal | None, said: Proposal) -> Proposal:
    """Return one answer where some values hold something."""
    if proposal is None or proposal.score < STRONG:
        return said
    return _together(proposal, said) if proposal.contains else proposal


def _denied(proposal: Proposal, looked: Looked) -> bool:
    """Tell whether values say nothing of what a general word says."""
    general = proposal.contains and proposal.score <= _GENERAL
    unsure = general or proposal.score < STRONG
    return unsure and looked.rows >= ENOUGH and not looked.judgements and not looked.failed


def _together(proposal: Proposal, said: Proposal) -> Proposal:
    signs = tuple(dict.fromkeys((*proposal.signs, *said.signs)))
    return replace(proposal, evidence=(*proposal.evidence, *said.evidence), signs=signs)


def _say(
    entity: Entity,
    judgements: Iterable[Judgement],
    table: TableName,
    column: str,
    *,
    contains: bool = False,
) -> Proposal:
    """Return what values say by themselves."""
    told = list(judgements)
    return Proposal(
        table=table,
        column=column,
        entity=entity,
        score=round(max(each.score for each in told), 2),
        evidence=tuple(f"{each.entity}: {each.evidence[0]}" for each in told),
        signs=tuple(dict.fromkeys(sign for each in told for sign in _signs(each))),
        contains=contains,
    )


def _signs(judgement: Judgement) -> list[str]:
    ways = judgement.evidence[1:]
    return [
        *(["values"] if set(ways) - {"dictionary"} else []),
        *(["dictionary"] if "dictionary" in ways else []),
        *(["checksum"] if judgement.entity in _CHECKED else []),
    ]
