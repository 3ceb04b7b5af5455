"""Propose entities from names and types alone: no value is read, no model is asked.

A column is split into words (`dateOfBirth`, `DATE_OF_BIRTH` and `date of birth` are one),
accents are folded, and the words are looked up. What a bare `name` means is told by its table.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.detect import words
from masker.detect.entities import Entity

STRONG = 0.6  # from here on a rule pack acts; below, a person decides

_BOUNDARY = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])|[^A-Za-z0-9]+")
_DIGITS = re.compile(r"(?<=[a-z])(?=[0-9])|(?<=[0-9])(?=[a-z])")
_SPELLED = {"1": "one", "2": "two", "4": "four"}  # address_line_1, cvv2, zip+4
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "ł": "l", "ø": "o", "æ": "ae",
                          "Ä": "Ae", "Ö": "Oe", "Ü": "Ue", "Ł": "L", "Ø": "O"})  # fmt: skip
_NEVER = frozenset({Kind.BOOLEAN, Kind.ENUM, Kind.TSVECTOR, Kind.INTERVAL, Kind.RANGE, Kind.OID})


@dataclass(frozen=True, slots=True, kw_only=True)
class Proposal:
    """What a column probably holds.

    `score` is between 0 and 1; `evidence` says in words why, from names and types only.
    """

    table: TableName
    column: str
    entity: Entity
    score: float
    evidence: tuple[str, ...]


def propose(catalog: Catalog) -> tuple[Proposal, ...]:
    """Return at most one proposal per column, in catalog order; partitions go with their root."""
    return tuple(
        proposal
        for table in catalog.tables
        if table.extension is None and not (table.is_partition and table.parent in catalog)
        for proposal in _of_table(table)
    )


@functools.lru_cache(maxsize=4096)
def split(name: str) -> tuple[str, ...]:
    """Return the words of a name: lower case, accents folded, line_1 as line_one."""
    plain = unicodedata.normalize("NFKD", name.translate(_UMLAUTS))
    plain = "".join(c for c in plain if not unicodedata.combining(c))
    # Words of capitals only have no inner boundaries: CUSTOMER_NAME, not C-U-S-…
    found = [word.lower() for word in _BOUNDARY.split(plain) if word]
    parts = [part for word in found for part in _DIGITS.split(word)]
    return tuple(_SPELLED.get(part, part) for part in parts)


def snake(name: str) -> str:
    """Return a name in one spelling: `firstName`, `First Name` and `FIRST_NAME` are one."""
    return "_".join(split(name))


@functools.cache
def _vocabulary() -> Mapping[str, tuple[Entity, float]]:
    """Return every phrase without its seams (`phonenumber`), with entity and score."""
    known: dict[str, tuple[Entity, float]] = {}
    for entity, phrases in words.PHRASES.items():
        for phrase in phrases.split():
            known.setdefault(phrase.replace("_", ""), (entity, 0.95))
    for entity, phrases in words.MAYBE.items():
        for phrase in phrases.split():
            known.setdefault(phrase.replace("_", ""), (entity, 0.4))
    return known


def _of_table(table: Table) -> Iterator[Proposal]:
    whose = _whose(table)
    for column in table.columns:
        if column.generated:
            continue
        found = _of_column(table, column, whose)
        if found is not None:
            entity, score, evidence = found
            yield Proposal(
                table=table.name,
                column=column.name,
                entity=entity,
                score=round(score, 2),
                evidence=evidence,
            )


def _whose(table: Table) -> Entity | None:
    """Return whether a table's rows are persons or organizations."""
    parts = set(split(table.name.name))
    if parts & words.PEOPLE:
        return Entity.PERSON
    if parts & words.COMPANIES:
        return Entity.ORGANIZATION
    telling = (Entity.FIRST_NAME, Entity.LAST_NAME)
    return Entity.PERSON if any(_beside(table, entity) for entity in telling) else None


def _of_column(
    table: Table, column: Column, whose: Entity | None
) -> tuple[Entity, float, tuple[str, ...]] | None:
    kind = _value_kind(column.type)
    if kind in _NEVER:
        return None
    parts = split(column.name)
    named = _bare_name(table, parts, whose)
    by_domain = _by_domain(column.type)
    by_words = _by_words(parts, column.name)
    candidates = [each for each in (by_domain, named, by_words) if each is not None]
    for entity, score, evidence in sorted(candidates, key=lambda each: -each[1]):
        if kind not in words.KINDS.get(entity, words.TEXT_ONLY):
            continue
        if score < STRONG:
            return entity, *_in_context(table, entity, score, evidence, whose)
        return entity, score, evidence
    if kind is Kind.INET:
        return Entity.IP_ADDRESS, 0.9, (f"the type is {column.type.base}",)
    return None


def _in_context(
    table: Table, entity: Entity, score: float, evidence: tuple[str, ...], whose: Entity | None
) -> tuple[float, tuple[str, ...]]:
    """Return a weak score again, or a strong one if the rest of the table makes it so."""
    if whose is Entity.PERSON and entity in {Entity.URL, Entity.FREE_TEXT}:
        return STRONG, (*evidence, f"`{table.name.name}` holds persons")
    for other in words.BESIDE.get(entity, ()):
        if _beside(table, other):
            return STRONG, (*evidence, f"beside {other}")
    return score, evidence


def _value_kind(type: Type) -> Kind:
    return type.element.kind if type.element is not None else type.kind


def _by_domain(type: Type) -> tuple[Entity, float, tuple[str, ...]] | None:
    """Return what the name of a domain type says: `CREATE DOMAIN email`."""
    if type.domain is None:
        return None
    known = _vocabulary().get("".join(split(type.domain.rpartition(".")[2])))
    if known is None or known[1] < STRONG:
        return None
    return known[0], 0.97, (f"the domain is `{type.domain}`",)


def _bare_name(
    table: Table, parts: tuple[str, ...], whose: Entity | None
) -> tuple[Entity, float, tuple[str, ...]] | None:
    """Return what a `name` means: in `customers` a person, in `companies` a firm, else maybe."""
    others = frozenset(parts) - words.NAMES
    if not parts or not words.NAMES & {parts[0], parts[-1]}:
        return None
    for entity, holders in (
        (Entity.PERSON, words.PEOPLE),
        (Entity.ORGANIZATION, words.COMPANIES),
    ):
        if others & holders:
            return entity, 0.85, (f"the name of a `{min(others & holders)}`",)
    if others or whose is None or parts[-1] in {"title", "label", "bezeichnung"}:
        return None  # file_name, product_name, a job's title
    if whose is Entity.PERSON and _beside(table, Entity.FIRST_NAME):
        return Entity.LAST_NAME, 0.9, ("a name beside a first name",)
    return whose, 0.85, (f"a name in `{table.name.name}`",)


def _beside(table: Table, entity: Entity) -> bool:
    """Tell whether a column of the table surely is an entity, by all or the end of its name."""
    return any(
        found is not None and found[0] is entity and found[1] > STRONG
        for column in table.columns
        for found in [_by_words(split(column.name), column.name)]
    )


def _by_words(parts: tuple[str, ...], name: str) -> tuple[Entity, float, tuple[str, ...]] | None:
    """Return what the longest known phrase in a name says: whole, at its end, at its start."""
    known = _vocabulary()
    whole = known.get("".join(parts)) or known.get(_singular("".join(parts)))
    if whole is not None:
        return *whole, (f"the name `{name}`",)
    for start, length in _inside(len(parts)):
        at_end = start + length == len(parts)
        if not at_end and parts[-1] in words.ABOUT:
            return None
        phrase = "".join(parts[start : start + length])
        found = known.get(phrase) or known.get(_singular(phrase))
        if found is not None and phrase not in words.ALONE:
            spelled = "_".join(parts[start : start + length])
            return found[0], found[1] * (0.95 if at_end else 0.8), (f"`{spelled}` in `{name}`",)
    return None


def _inside(count: int) -> Iterator[tuple[int, int]]:
    """Yield start and length of the runs of words in a name: at its end first, longest first."""
    for length in range(count - 1, 0, -1):
        yield count - length, length
    for length in range(count - 1, 0, -1):
        for start in range(count - length):
            yield start, length


def _singular(word: str) -> str:
    return word.removesuffix("s")
