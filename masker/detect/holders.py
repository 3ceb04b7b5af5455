"""What a table tells of its columns: whose its rows are, what people write there, what links."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from masker.catalog import Kind, Table
from masker.detect import context
from masker.detect.entities import Entity
from masker.detect.spelling import ABBREVIATIONS, singular, split

_STRONG = 0.6
_FEW = 3  # columns from which a first word that most of them share is a prefix
_MOST = 0.7
_MANY = 0.4
_SHORT = 4
# Short words that many columns of a table share without saying whose they are.
_TELLING = (
    context.ABOUT | context.BEFORE | context.COUNTS | context.NAMES | context.ALONE | context.ENDS
    | context.FRONTS | context.SHARED | frozenset(ABBREVIATIONS)
)  # fmt: skip
_REACHED = frozenset({Entity.EMAIL_ADDRESS, Entity.PHONE_NUMBER, Entity.DATE_OF_BIRTH})
# What is worth masking by itself, so that words about a row are too.
_PERSONAL = _REACHED | {
    Entity.PERSON, Entity.FIRST_NAME, Entity.LAST_NAME, Entity.FREE_TEXT, Entity.NATIONAL_ID,
    Entity.STREET_ADDRESS, Entity.DIAGNOSIS,
}  # fmt: skip

Guess = tuple[Entity, float, tuple[str, ...]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Holder:
    """A table as its columns see it.

    `whose`: whether its rows are persons or organizations; `linking`: the columns of its keys and
    foreign keys, `referring` of the latter alone; `entities`: what other columns surely are;
    `prefix` and `suffix`: the short word that its columns begin or end with; `subject`: what the
    table's own name surely says; `values`: columns that hold values of attributes; `reached`: a
    column is called `email`, no more.
    """

    name: str
    whose: Entity | None
    words: frozenset[str]
    linking: frozenset[str]
    referring: frozenset[str]
    entities: frozenset[Entity]
    prefix: str
    suffix: str
    subject: Entity | None
    values: frozenset[str]
    reached: bool

    @property
    def talk(self) -> bool:
        """Tell whether people write to one another there."""
        return bool(self.words & context.TALK)

    @property
    def search(self) -> bool:
        """Tell whether a search goes by it: it repeats the words of other tables."""
        return bool(self.words & context.SEARCHES)

    @property
    def place(self) -> bool:
        """Tell whether the rows are places."""
        return bool(self.words & context.PLACES) and not self.entities & _PERSONAL

    @property
    def personal(self) -> bool:
        """Tell whether any column is personal by itself."""
        return bool(self.entities & _PERSONAL)

    def own(self, parts: tuple[str, ...]) -> tuple[str, ...]:
        """Return a column's words without the ones that many columns of the table share."""
        if len(parts) > 1 and parts[0] == self.prefix:
            parts = parts[1:]
        return parts[:-1] if len(parts) > 1 and parts[-1] == self.suffix else parts

    def bare(self, parts: tuple[str, ...]) -> Guess | None:
        """Return what the number is in a table of phones."""
        paid = self.subject is Entity.SALARY and parts in _PAID
        bare = self.subject in _SUBJECTS and len(parts) == 1 and parts[0] in context.BARE
        if self.subject is None or not (paid or bare):
            return None
        return self.subject, 0.8, (f"`{parts[0]}` in `{self.name}`",)

    def named(self) -> Guess | None:
        """Return what a bare `name` is in this table."""
        if self.whose is None and self.subject is Entity.CREDIT_CARD:
            return Entity.PERSON, 0.8, ("a name beside a card",)
        if self.whose is None and self.reached:
            return Entity.PERSON, 0.75, ("a name beside an e-mail address",)
        if self.whose is None:
            return None
        if self.whose is Entity.PERSON and Entity.FIRST_NAME in self.entities:
            return Entity.LAST_NAME, 0.9, ("a name beside a first name",)
        return self.whose, 0.85, (f"a name in `{self.name}`",)

    def sender(self, parts: tuple[str, ...]) -> Guess | None:
        """Return what `from` and `to` are among letters."""
        if parts and parts[-1] in context.SENDERS and self.words & context.LETTERS:
            return Entity.EMAIL_ADDRESS, 0.8, (f"`{parts[-1]}` in `{self.name}`",)
        return None

    def value(self, column: str) -> Guess | None:
        """Return what the value of an entity-attribute-value table is: anything."""
        set_there = self.words & context.SETTINGS and "_".join(split(column)) in _SET
        if column not in self.values and not set_there:
            return None
        return Entity.OPAQUE_DATA, 0.7, (f"the value of an attribute in `{self.name}`",)

    def called(self, parts: tuple[str, ...], kind: Kind) -> Guess | None:
        """Return what a slug is among persons, and the text that is the key of a session."""
        if kind is not Kind.TEXT:
            return None
        if self.whose is Entity.PERSON and "_".join(parts) in context.CALLED:
            return Entity.USERNAME, 0.65, (f"`{parts[-1]}` in `{self.name}`, which holds persons",)
        told = Entity.SESSION in self.entities
        if self.words & context.SESSIONS and not told and parts in _KEYS:
            return Entity.SESSION, 0.8, (f"the `{parts[0]}` of `{self.name}`",)
        return None

    def weigh(
        self, entity: Entity, score: float, evidence: tuple[str, ...]
    ) -> tuple[float, tuple[str, ...]]:
        """Return a weak score again, or a strong one if the rest of the table makes it so."""
        for known, entities, said in (
            (self.whose is Entity.PERSON, _OF_PERSONS, "holds persons"),
            (self.talk, _OF_TALK, "holds what people write"),
            (bool(self.words & context.LOGS), _OF_LOGS, "repeats other tables"),
            (bool(self.words & context.SESSIONS), _OF_LOGS, "holds sessions"),
            (bool(self.words & context.FILES), _OF_FILES, "holds files"),
            (self.search, _OF_SEARCHES, "holds what people look for"),
        ):
            if known and entity in entities:
                return _STRONG, (*evidence, f"`{self.name}` {said}")
        for other in context.BESIDE.get(entity, ()):
            if other in self.entities:
                return _STRONG, (*evidence, f"beside {other}")
        return score, evidence


_OF_PERSONS = frozenset(
    {Entity.URL, Entity.FREE_TEXT, Entity.OPAQUE_DATA, Entity.PHOTO, Entity.FILE_PATH,
     Entity.CITY, Entity.SALARY, Entity.SECRET, Entity.NRP, Entity.PERSON,
     Entity.NATIONAL_ID}
)  # fmt: skip
_OF_TALK = frozenset(
    {Entity.FREE_TEXT, Entity.PERSON, Entity.USERNAME, Entity.FILE_PATH, Entity.OPAQUE_DATA}
)
_OF_LOGS = frozenset({Entity.FREE_TEXT, Entity.OPAQUE_DATA, Entity.USERNAME, Entity.PERSON})
_OF_SEARCHES = frozenset({Entity.FREE_TEXT, Entity.OPAQUE_DATA})
_OF_FILES = frozenset({Entity.FILE_PATH, Entity.OPAQUE_DATA, Entity.FREE_TEXT})


_PAID = {("amount",), ("rate",), ("value",)}
_EMAILS = frozenset({"email", "mail", "emailaddress", "mailaddress"})
_KEYS = {("id",), ("key",), ("hash",)}
_SET = context.VALUES | {"content", "data"}  # in a table of settings

# What a table is named for that a bare word of it can be.
_SUBJECTS = frozenset(
    {Entity.EMAIL_ADDRESS, Entity.PHONE_NUMBER, Entity.STREET_ADDRESS, Entity.USERNAME,
     Entity.IP_ADDRESS, Entity.NATIONAL_ID, Entity.PATIENT_ID, Entity.IBAN_CODE,
     Entity.BANK_ACCOUNT, Entity.CREDIT_CARD, Entity.SECRET, Entity.PASSWORD,
     Entity.SESSION, Entity.MFA_SECRET}
)  # fmt: skip


def holder_of(
    table: Table, known: Mapping[str, Entity | None], *, subject: Entity | None
) -> Holder:
    """Look at a table; `known` is what each column's name surely says by itself, `subject` its."""
    parts = split(table.name.name)
    entities = frozenset(entity for entity in known.values() if entity is not None)
    spelled = [split(name) for name in known]
    # The address that a machine sends from says nothing of the rows.
    theirs = {
        entity
        for words, entity in zip(spelled, known.values(), strict=True)
        if entity is not None and not (words and words[0] in context.RUNNING)
    }
    machines = any(context.MACHINES.intersection(words) for words in spelled)
    keys = [key.columns for key in table.keys if key.primary]
    references = [key.columns for key in table.foreign_keys]
    return Holder(
        name=table.name.name,
        whose=_whose(parts, frozenset(theirs), machines=machines),
        words=frozenset(parts) | {singular(part) for part in parts} | _grown(parts),
        linking=frozenset(column for columns in (*keys, *references) for column in columns),
        referring=frozenset(column for columns in references for column in columns),
        entities=entities,
        prefix=_shared(table, parts, 0),
        suffix=_shared(table, parts, -1),
        subject=subject,
        values=attributes_of(table)[1],
        reached=any("".join(split(name)) in _EMAILS for name in known),
    )


_ACCOUNTS = frozenset({"account", "accounts", "konto", "konten", "compte", "comptes", "cuentas"})


def _grown(parts: tuple[str, ...]) -> frozenset[str]:
    """Return what words that have grown together begin or end with: the log of an `auditlog`."""
    return frozenset(
        word
        for part in parts
        for word in context.TABLES
        if part != word and (part.endswith(word) or (len(word) > _SHORT and part.startswith(word)))
    )


def _whose(parts: tuple[str, ...], entities: frozenset[Entity], *, machines: bool) -> Entity | None:
    """Return whether a table's rows are persons or organizations."""
    words = [part for part in parts if not part.isdigit()]
    while len(words) > 1 and words[-1] in context.RECORDS - context.PEOPLE:
        words.pop()
    for entity, holders in (
        (Entity.PERSON, context.PEOPLE),
        (Entity.ORGANIZATION, context.COMPANIES),
    ):
        if words and words[-1] in holders:
            return entity
    if entities & {Entity.FIRST_NAME, Entity.LAST_NAME}:
        return Entity.PERSON
    if entities >= {Entity.USERNAME, Entity.PASSWORD} and not machines:
        return Entity.PERSON
    if Entity.USERNAME in entities and words and words[-1] in _ACCOUNTS:
        return Entity.PERSON
    if entities & _REACHED and not {*words, *map(singular, words)} & context.TALK:
        return Entity.ORGANIZATION if set(words) & context.PLACES else Entity.PERSON
    return None


def _shared(table: Table, parts: tuple[str, ...], at: int) -> str:
    """Return the word that many columns begin (0) or end (-1) with, if it says whose they are."""
    spelled = [split(column.name) for column in table.columns]
    found = Counter(words[at] for words in spelled if len(words) > 1).most_common(1)
    if not found or found[0][1] < _FEW:
        return ""
    word, count = found[0]
    names = {*parts, *map(singular, parts)}
    of_table = any(name.startswith(word) for name in names)
    if count >= _MOST * len(table.columns) and (len(word) <= _FEW or of_table):
        return word
    short = len(word) <= _SHORT and word.isalpha() and word not in _TELLING
    return word if short and count >= _MANY * len(table.columns) else ""


def attributes_of(table: Table) -> tuple[frozenset[str], frozenset[str]]:
    """Return the attribute and the value columns of an entity-attribute-value table."""
    spelled = {column.name: split(column.name) for column in table.columns}
    attributes = {
        name
        for name, parts in spelled.items()
        if "_".join(parts) in context.ATTRIBUTES or "_".join(parts[-2:]) in context.ATTRIBUTES
        or (parts and parts[-1].endswith(("key", "attribute", "property", "field")))
    }  # fmt: skip
    if not attributes:
        return frozenset(), frozenset()
    numbers = {Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT, Kind.BOOLEAN}
    values = frozenset(
        column.name
        for column in table.columns
        if column.name not in attributes
        and column.type.kind not in numbers
        and (
            "_".join(spelled[column.name]) in context.VALUES
            or (spelled[column.name] and spelled[column.name][-1].endswith("value"))
        )
    )
    return (frozenset(attributes), values) if values else (frozenset(), frozenset())
