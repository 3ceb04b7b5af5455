"""Weigh what a column's name says against what its values say: one answer per column."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace

import polars as pl

from masker.catalog import Kind, Table, TableName
from masker.detect.entities import Entity
from masker.detect.names import STRONG, Proposal, split
from masker.detect.values import Judgement, Verdict
from masker.detect.words import DOCUMENTS, NUMBERS

Place = tuple[TableName, str]
ENOUGH = 200  # values after which silence says something
_GENERAL = 0.7  # of words such as `data`, which values may deny; `old_values` they may not
_FLAGS = 3
_YES_AND_NO = frozenset(
    {"0", "1", "y", "n", "yes", "no", "t", "f", "true", "false", "on", "off", "j", "ja", "nein",
     "oui", "non", "s", "si", "sim", "nao", "nee", "tak", "nie", "x", "-"}
)  # fmt: skip
_CALLED = 0.65
_BIRTHS = 0.8
_FEW = 3  # titles and products are called like people and streets, too
_MANY = 0.25  # of the values: with a name that says the same, the column is it
_CLOSED = 50  # words of a short list, each of them often
_OFTEN = 20
_HANDLES = 20  # different ones; fewer are labels
_MOST = 0.8
_PHRASES = 50  # different ones
_SEVERAL = r"^\p{Latin}+(?:[ ,'-]+\p{Latin}+)+[.]?$"
# UUIDs (RFC 9562), and what stands for them in texts: object ids, ULIDs, CUIDs.
_UUID = (
    r"(?i)^(?:\{?[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}\}?|[0-9a-f]{24}"
    r"|[0-7][0-9A-HJKMNP-TV-Z]{25}|c[a-z0-9]{24})$"
)
_HANDLE = r"^[\p{L}\p{N}._@+-]*\p{L}[\p{L}\p{N}._@+-]*$"
_DIGEST = r"(?i)^(?:[0-9a-f-]{20,}|[a-z]{1,6}[-_][0-9]+)$"  # codes such as SKU-17, too
_DRAWN = r"^[A-Za-z0-9_+/=-]{20,}$"
_HEX = r"^[0-9a-f]{32,}$|^[0-9A-F]{32,}$"
_FILE = r"\p{L}[^@]*[.][A-Za-z][A-Za-z0-9]{1,4}$"
_HASHED = r"(?i)(?:^|/)[0-9a-f-]{16,}[.][a-z0-9]+$"  # named by a program
_LABEL = r"^[\p{L}\p{N}][\p{L}\p{N} _./+:-]{0,39}$"

_NAMES = frozenset({Entity.PERSON, Entity.FIRST_NAME, Entity.LAST_NAME})
_OF_PERSONS = _NAMES | {Entity.NATIONAL_ID, Entity.EMAIL_ADDRESS, Entity.PHONE_NUMBER,
                        Entity.STREET_ADDRESS}  # fmt: skip
_WORDS = _NAMES | {Entity.CITY, Entity.ORGANIZATION, Entity.REGION, Entity.COUNTRY}
_CHECKED = frozenset({Entity.CREDIT_CARD, Entity.IBAN_CODE, Entity.NATIONAL_ID, Entity.TAX_ID,
                      Entity.CRYPTO, Entity.BANK_ACCOUNT})  # fmt: skip
_CALLABLE = frozenset({Entity.USERNAME, Entity.PERSON})
# What no other thing is written like; where a name says something else, it says it loosely.
_BY_FORM = frozenset({Entity.EMAIL_ADDRESS, Entity.IP_ADDRESS, Entity.IBAN_CODE, Entity.USER_AGENT})
# What a UUID may be besides the number of a row.
_TELLING_UUIDS = frozenset({Entity.SECRET, Entity.PASSWORD, Entity.MFA_SECRET, Entity.SESSION,
                            Entity.DEVICE_ID})  # fmt: skip
_SECRETS = frozenset({Entity.SECRET, Entity.PASSWORD, Entity.MFA_SECRET, Entity.SESSION})
_CODES = {("code",), ("key",), ("barcode",), ("ticket",)}
# What one word for a thing may stand for: an address in a column of logins.
_LOOSE = frozenset({Entity.USERNAME, Entity.PERSON, Entity.FREE_TEXT, Entity.OPAQUE_DATA})


@dataclass(frozen=True, slots=True, kw_only=True)
class Looked:
    """What was seen of a column: how many values in how many rows, and what is in them.

    `power` is how likely a value is seen that one row in a thousand holds; `fields` are the
    entities that fields of its documents, or attributes beside it, are named by; `flags`: it holds
    yes and no; `labels`: it holds a few words of a list, each many times; `uuids`: nothing but
    UUIDs; `handles`: different single words, such as persons are called by; `files`: different
    names of files; `tokens`: different letters and digits in no order; `births`: dates that lie as
    births do; `phrases`: different values of several words; `failed`: values on which a recognizer
    did not finish.
    """

    rows: int = 0
    distinct: int = 0
    power: float = 0.0
    judgements: tuple[Judgement, ...] = ()
    fields: tuple[Entity, ...] = ()
    flags: bool = False
    labels: bool = False
    uuids: bool = False
    handles: bool = False
    files: bool = False
    tokens: bool = False
    births: bool = False
    phrases: bool = False
    failed: int = 0


def is_flags(values: pl.Series) -> bool:
    """Tell whether distinct values are yes and no rather than data."""
    words = values.str.strip_chars().str.to_lowercase()
    return 0 < values.len() <= _FLAGS and bool(words.is_in([*_YES_AND_NO]).all())


def is_labels(values: pl.Series, counts: pl.Series) -> bool:
    """Tell whether distinct values are a short list of words, each many times."""
    few = 0 < values.len() <= _CLOSED and int(counts.sum()) >= _OFTEN * values.len()
    return few and bool(values.str.contains(_LABEL).all())


def is_uuids(values: pl.Series) -> bool:
    """Tell whether distinct values are UUIDs, all of them."""
    return values.len() > 0 and bool(values.str.contains(_UUID).all())


def is_handles(values: pl.Series) -> bool:
    """Tell whether distinct values are single words with letters, most of them, and many."""
    words = int(values.str.contains(_HANDLE).sum()) - int(values.str.contains(_DIGEST).sum())
    return values.len() >= _HANDLES and words >= _MOST * values.len()


def is_tokens(values: pl.Series) -> bool:
    """Tell whether distinct values are many, and all of them long and drawn by chance."""
    drawn = values.str.contains(_DRAWN) & values.str.contains("[0-9]")
    mixed = values.str.contains("[a-z]") & values.str.contains("[A-Z]")
    return values.len() >= _HANDLES and bool((drawn & (mixed | values.str.contains(_HEX))).all())


def is_files(values: pl.Series) -> bool:
    """Tell whether distinct values are many, and most of them end like the name of a file."""
    named = int(values.str.contains(_FILE).sum()) - int(values.str.contains(_HASHED).sum())
    return values.len() >= _HANDLES and named >= _MOST * values.len()


def is_phrases(values: pl.Series) -> bool:
    """Tell whether distinct values are many, and most of them several words of letters."""
    several = int(values.str.contains(_SEVERAL).sum())
    return values.len() >= _PHRASES and several >= _MOST * values.len()


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
    if looked.uuids and proposal is not None and proposal.entity not in _TELLING_UUIDS:
        proposal = None  # a number that links rows
    one = next((each for each in looked.judgements if each.verdict is Verdict.IS), None)
    if one is not None and one.score >= STRONG:
        return _is_one(proposal, _say(one.entity, [one], table, column), kind)
    agreed = _agreeing(proposal, looked) or _called(proposal, looked) or _told(proposal, looked)
    said = _mixed(looked, table, column, kind)
    if agreed is not None or (said is None and proposal is None):
        return agreed or _opening(looked, table, column)
    if said is not None:
        return _contains(proposal, said)
    return None if proposal is not None and _denied(proposal, looked, kind) else proposal


def with_births(
    table: Table, found: Mapping[str, Proposal | None], looked: Mapping[Place, Looked]
) -> Iterator[Proposal]:
    """Yield what is proposed for the columns of a table, dates that are births with it.

    Dates that lie as births do are some in a table that surely holds persons.
    """
    strong = {each.entity for each in found.values() if each and each.score >= STRONG}
    persons = bool(strong & _OF_PERSONS)
    for column, proposal in found.items():
        seen = looked.get((table.name, column), Looked())
        open_ = proposal is None or proposal.score < STRONG
        if persons and open_ and seen.births:
            yield Proposal(
                table=table.name,
                column=column,
                entity=Entity.DATE_OF_BIRTH,
                score=_BIRTHS,
                evidence=("its dates lie as births do", f"`{table.name.name}` holds persons"),
                signs=("values",),
            )
        elif proposal is not None:
            yield proposal


def _mixed(looked: Looked, table: TableName, column: str, kind: Kind) -> Proposal | None:
    """Return what a column is of which some values hold something."""
    entity = Entity.OPAQUE_DATA if kind in DOCUMENTS else Entity.FREE_TEXT
    inside = [each for each in looked.judgements if _says_enough(each)]
    if inside and all(each.entity is Entity.FILE_PATH for each in inside):
        entity = Entity.FILE_PATH
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
    if proposal.entity is Entity.ORGANIZATION and said.entity is Entity.PERSON:
        return replace(said, signs=("name", *said.signs))  # the partner is a person
    if said.entity in _BY_FORM and proposal.entity not in _SECRETS and kind is Kind.TEXT:
        return replace(said, signs=("name", *said.signs))
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


def _called(proposal: Proposal | None, looked: Looked) -> Proposal | None:
    """Return what may be a username made strong by values that persons may be called by."""
    weak = proposal is not None and proposal.score < STRONG
    if proposal is None or not weak or not looked.handles:
        return None
    if proposal.entity not in _CALLABLE:
        return None
    return replace(
        proposal,
        entity=Entity.USERNAME,
        score=_CALLED,
        evidence=(*proposal.evidence, "its values are different single words"),
        signs=(*proposal.signs, "values"),
    )


def _told(proposal: Proposal | None, looked: Looked) -> Proposal | None:
    """Return what may be names of files, or secrets, made sure by values that look like it."""
    for entity, seen, said in (
        (Entity.FILE_PATH, looked.files, "its values are different names of files"),
        (Entity.SECRET, looked.tokens, "its values are long and drawn by chance"),
    ):
        if proposal is not None and seen and proposal.entity is entity:
            return replace(
                proposal,
                score=max(proposal.score, _CALLED),
                evidence=(*proposal.evidence, said),
                signs=(*proposal.signs, "values"),
            )
    return None


def _opening(looked: Looked, table: TableName, column: str) -> Proposal | None:
    """Return a secret where a code or key, of which nothing is known, is drawn by chance."""
    if not looked.tokens or split(column)[-1:] not in _CODES:
        return None
    return Proposal(
        table=table,
        column=column,
        entity=Entity.SECRET,
        score=_CALLED,
        evidence=("its values are long and drawn by chance",),
        signs=("name", "values"),
    )


def _says_enough(judgement: Judgement) -> bool:
    """Tell whether what values hold is enough to call them personal."""
    by_words = judgement.entity in _WORDS | {Entity.STREET_ADDRESS}
    return judgement.score >= STRONG and (not by_words or judgement.hits >= _FEW)


def _contains(proposal: Proposal | None, said: Proposal) -> Proposal:
    """Return one answer where some values hold something."""
    if proposal is None or proposal.score < STRONG:
        return said
    return _together(proposal, said) if proposal.contains else proposal


def _denied(proposal: Proposal, looked: Looked, kind: Kind) -> bool:
    """Tell whether values say nothing of what a general word says."""
    if kind in NUMBERS:  # of which values tell little
        return False
    if looked.labels and proposal.entity in _CALLABLE and proposal.score <= STRONG:
        return not looked.judgements
    if looked.phrases and proposal.entity is Entity.PERSON and proposal.signs == ("name",):
        return not any(each.entity in _NAMES for each in looked.judgements)  # names of things
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
