"""Propose entities from names, types and keys alone: no value is read, no model is asked.

A column is split into words (`dateOfBirth`, `DATE_OF_BIRTH` and `date of birth` are one),
accents are folded, and the words are looked up. What a bare `name` means is told by its table.
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.detect import context, words
from masker.detect.entities import Entity
from masker.detect.holders import Holder, holder_of
from masker.detect.spelling import cut, singular, snake, spelled_out, split
from masker.detect.vocabulary import STRONG, WEAK, Guess, cut_short, grown, vocabulary

__all__ = ["STRONG", "Proposal", "alone", "propose", "snake", "split"]

_NEVER = frozenset({Kind.BOOLEAN, Kind.INTERVAL, Kind.RANGE})
_IDS = frozenset({"id", "uid", "key", "ref", "code"})
_ACTING = context.PEOPLE - {"client", "clients", "parent"}  # applications and rows, as often as not
_USERS = ("user", "userid", "benutzer", "usuario", "utente", "login")
_SOMEBODY = frozenset({Entity.PERSON, Entity.USERNAME})
_NATURAL = frozenset({Entity.NATIONAL_ID, Entity.PATIENT_ID, Entity.HEALTH_INSURANCE,
                      Entity.TAX_ID, Entity.BANK_ACCOUNT, Entity.CREDIT_CARD})  # fmt: skip
_SURROGATE = frozenset({Kind.INTEGER, Kind.UUID})
_PINS = frozenset({"pin", "code", "passcode", "otp", "password", "secret"})  # may be numbers
_DOERS = 0.7


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a column probably holds.

    `score` is between 0 and 1; `evidence` says in words why, and `signs` where that comes from:
    name, type, key, and, where values were looked at, values, dictionary, checksum. `contains`:
    the column does not hold such values alone, but values among other words.
    """

    table: TableName
    column: str
    entity: Entity
    score: float
    evidence: tuple[str, ...]
    signs: tuple[str, ...] = ("name",)
    contains: bool = False


def propose(catalog: Catalog) -> tuple[Proposal, ...]:
    """Return at most one proposal per column, in catalog order; partitions go with their root."""
    tables = [
        table
        for table in catalog.tables
        if table.extension is None and not (table.is_partition and table.parent in catalog)
    ]
    found = {(each.table, each.column): each for table in tables for each in _of_table(table)}
    for table in tables:
        found.update(_by_keys(table, found))
    return tuple(
        found[table.name, column.name]
        for table in tables
        for column in table.columns
        if (table.name, column.name) in found
    )


def _of_table(table: Table) -> Iterator[Proposal]:
    holder = holder_of(
        table,
        {column.name: alone(column.name) for column in table.columns},
        subject=alone(table.name.name),
    )
    for column in table.columns:
        found = None if column.generated else _of_column(column, holder)
        if found is not None:
            entity, score, evidence = found
            yield Proposal(
                table=table.name,
                column=column.name,
                entity=entity,
                score=round(score, 2),
                evidence=evidence,
                signs=("type",) if evidence[0].startswith("the type") else ("name",),
                contains=entity in {Entity.FREE_TEXT, Entity.OPAQUE_DATA, Entity.FILE_PATH},
            )


def _by_keys(
    table: Table, found: Mapping[tuple[TableName, str], Proposal]
) -> Iterator[tuple[tuple[TableName, str], Proposal]]:
    """Yield what columns hold that refer to a column of which more is known."""
    for key in table.foreign_keys:
        for name, parent in zip(key.columns, key.parent_columns, strict=True):
            place, above = (table.name, name), found.get((key.parent, parent))
            mine = found.get(place)
            if above is None or (mine is not None and mine.score >= above.score):
                continue
            yield (
                place,
                Proposal(
                    table=table.name,
                    column=name,
                    entity=above.entity,
                    score=above.score,
                    evidence=(f"refers to `{key.parent.name}.{parent}`",),
                    signs=("key",),
                    contains=above.contains,
                ),
            )


@functools.lru_cache(maxsize=8192)
def alone(name: str) -> Entity | None:
    """Return what a name surely says by itself, whatever its table."""
    found = _by_words(split(name), name)
    return found[0] if found is not None and found[1] > STRONG else None


@functools.lru_cache(maxsize=8192)
def somebody(name: str) -> Entity | None:
    """Return what a name may say of a person: `user`, `owner`; for fields, not for columns."""
    found = _by_words(split(name), name)
    return found[0] if found is not None and found[0] in _SOMEBODY else None


def _of_column(column: Column, holder: Holder) -> Guess | None:
    kind = _value_kind(column.type)
    if kind in _NEVER or (kind in _SURROGATE and _links(column, holder)):
        return None
    if kind is Kind.TSVECTOR:
        words_of = holder.whose is Entity.PERSON or holder.talk or holder.personal or holder.search
        return (
            (Entity.OPAQUE_DATA, STRONG, ("the type holds words of others",)) if words_of else None
        )
    guesses = sorted(_guesses(column, holder), key=lambda each: -each[1])
    for entity, score, evidence in guesses:
        if kind not in words.KINDS.get(entity, words.TEXT_ONLY):
            continue
        if entity is Entity.PATIENT_ID and kind is Kind.INTEGER and "id" in split(column.name):
            continue  # a number that only links rows
        if entity is Entity.SECRET and kind is Kind.INTEGER and split(column.name)[-1] not in _PINS:
            continue  # the number of a row with a token
        if score < STRONG and (entity, score, evidence) != _linked(split(column.name)):
            score, evidence = holder.weigh(entity, score, evidence)  # noqa: PLW2901
        elif entity in {Entity.COORDINATES, Entity.REGION} and holder.place:
            score = WEAK  # noqa: PLW2901 - where a shop is
        return entity, score, evidence
    return _by_type(column, kind, guesses, holder)


def _links(column: Column, holder: Holder) -> bool:
    """Tell whether a number only links rows; a key that is a number of persons does more."""
    if column.name not in holder.linking:
        return False
    parts = split(column.name)
    natural = alone("_".join(holder.own(parts))) in _NATURAL or alone(column.name) in _NATURAL
    return column.name in holder.referring or parts[-1:] == ("id",) or not natural


def _guesses(column: Column, holder: Holder) -> Iterator[Guess]:
    parts = split(column.name)
    if parts and (parts[0] in context.BEFORE or _counts(parts)):
        return
    if "_".join(parts) in context.PUBLIC:
        return
    if len(parts) > 1 and parts[-1] in context.KEPT:
        parts = parts[:-1]
    every = dict.fromkeys([parts, spelled_out(parts), cut(parts, *grown())])
    kind = _value_kind(column.type)
    found = [_by_domain(column.type), holder.value(column.name), holder.called(parts, kind)]
    for spelling in every:
        found += [_bare_name(spelling, holder), _by_words(spelling, column.name)]
    own = holder.own(parts)
    found.append(holder.bare(own))
    if own != parts:
        found += [_bare_name(own, holder), _whole(own, column.name), holder.sender(own)]
        found += [_whole(spelled_out(own), column.name), cut_short(own)]
    found += [holder.sender(parts), cut_short(parts), _linked(parts)]
    yield from (each for each in found if each is not None)


def _counts(parts: tuple[str, ...]) -> bool:
    """Tell whether a name is that of a number of things: `num_comments`."""
    return len(parts) > 1 and parts[0] in context.COUNTS and parts[-1] != singular(parts[-1])


def _by_type(column: Column, kind: Kind, guesses: list[Guess], holder: Holder) -> Guess | None:
    """Return what a type says where no word fits it."""
    if kind is Kind.INET:
        return Entity.IP_ADDRESS, 0.9, (f"the type is {column.type.base}",)
    if kind not in words.DOCUMENTS or (kind is Kind.OTHER and not guesses):
        return None
    if guesses and guesses[0][1] >= STRONG:
        return Entity.OPAQUE_DATA, 0.7, (*guesses[0][2], f"in {column.type.base}")
    evidence = (f"the type {column.type.base} holds anything",)
    return Entity.OPAQUE_DATA, *holder.weigh(Entity.OPAQUE_DATA, WEAK, evidence)


def _value_kind(type: Type) -> Kind:
    return type.element.kind if type.element is not None else type.kind


def _by_domain(type: Type) -> Guess | None:
    """Return what the name of a domain type says: `CREATE DOMAIN email`."""
    if type.domain is None:
        return None
    known = vocabulary().get("".join(split(type.domain.rpartition(".")[2])))
    if known is None or known[1] < STRONG:
        return None
    return known[0], 0.97, (f"the domain is `{type.domain}`",)


def _bare_name(parts: tuple[str, ...], holder: Holder) -> Guess | None:
    """Return what a `name` means: in `customers` a person, in `companies` a firm, else maybe."""
    if not parts or not context.NAMES & {parts[0], parts[-1]}:
        return None
    if len(parts) > 1:
        beside = parts[-2] if parts[-1] in context.NAMES else parts[-1]
        for entity, holders in (
            (Entity.PERSON, context.PEOPLE),
            (Entity.ORGANIZATION, context.COMPANIES),
        ):
            if beside in holders:
                return entity, 0.85, (f"the name of a `{beside}`",)
    return holder.named() if len(parts) == 1 else None  # file_name, product_name


def _whole(parts: tuple[str, ...], name: str) -> Guess | None:
    known = vocabulary()
    joined = "".join(parts)
    found = known.get(joined) or known.get(singular(joined))
    return None if found is None else (*found, (f"the name `{name}`",))


def _linked(parts: tuple[str, ...]) -> Guess | None:
    """Return what the id of a person may be, if it is text: what the person logs in with."""
    if len(parts) > 1 and parts[-1] in _IDS and parts[-2] in _ACTING:
        return Entity.USERNAME, WEAK, (f"the id of a `{parts[-2]}`",)
    if len(parts) == 1 and parts[0].endswith(_USERS):
        return Entity.USERNAME, WEAK, (f"`{parts[0]}`",)
    return None


def _by_words(parts: tuple[str, ...], name: str) -> Guess | None:
    """Return what the longest known phrase in a name says: whole, at its end, at its start."""
    whole = _whole(parts, name)
    if whole is not None:
        return whole
    known = vocabulary()
    for start, length in _inside(len(parts)):
        at_end = start + length == len(parts)
        if not at_end and parts[-1] in context.ABOUT:
            return None
        phrase = "".join(parts[start : start + length])
        found = known.get(phrase) or known.get(singular(phrase))
        # A general word tells nothing in the middle: `config_os` is no configuration.
        general = found is not None and found[0] is Entity.OPAQUE_DATA and not at_end
        # `gsm` and `cp` mean something behind a person: `client_gsm`.
        lone = phrase in context.ALONE and not (at_end and parts[start - 1] in context.PEOPLE)
        if found is not None and not lone and not general:
            spelled = "_".join(parts[start : start + length])
            return found[0], found[1] * (0.95 if at_end else 0.8), (f"`{spelled}` in `{name}`",)
    if parts and parts[-1] in context.PEOPLE:
        return Entity.PERSON, WEAK, (f"a `{parts[-1]}`",)
    return _doer(parts)


def _doer(parts: tuple[str, ...]) -> Guess | None:
    """Return what says who did something: `quarantined_by`, `first_seen_by`."""
    if len(parts) > 1 and parts[-1] == "by" and parts[-2] not in context.CAUSES:
        done = parts[-2]
        if done.endswith("ed") or done in context.DONE:
            return Entity.USERNAME, _DOERS, (f"who {done} it",)
    return None


def _inside(count: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of the runs of words in a name: at its end first, longest first."""
    for length in range(count - 1, 0, -1):
        yield count - length, length
    for length in range(count - 1, 0, -1):
        for start in range(count - length):
            yield start, length
