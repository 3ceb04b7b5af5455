"""What a CREATE TABLE says beyond what SQLite's PRAGMAs tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from masker.engines.sqlite.words import Word, divided, fold, parenthesised, words

_OF_TABLE = ("CONSTRAINT", "PRIMARY", "UNIQUE", "CHECK", "FOREIGN")
# A constraint begins with one of these; what stands before the first is a column's type.
_BEGINS = (
    "CONSTRAINT",
    "PRIMARY",
    "NOT",
    "NULL",
    "UNIQUE",
    "CHECK",
    "DEFAULT",
    "COLLATE",
    "REFERENCES",
    "FOREIGN",
    "GENERATED",
    "AS",
)
# NOT NULL, SET NULL, DEFAULT NULL; SET DEFAULT; GENERATED ALWAYS AS
_PART_AFTER = {"NULL": ("NOT", "SET", "DEFAULT"), "DEFAULT": ("SET",), "AS": ("ALWAYS",)}


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredCheck:
    """A CHECK: its name, empty where it has none, and the SQL between its brackets."""

    name: str
    sql: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DeclaredLink:
    """A foreign key: its name, empty where it has none, and whether it is put off to the commit.

    Only `DEFERRABLE INITIALLY DEFERRED` is; all other forms hold at once.
    https://www.sqlite.org/foreignkeys.html, "Deferred Foreign Key Constraints"
    """

    name: str
    deferrable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Definition:
    """A CREATE TABLE's CHECKs, foreign keys in the order written, collations by folded column."""

    checks: tuple[DeclaredCheck, ...] = ()
    links: tuple[DeclaredLink, ...] = ()
    collations: Mapping[str, str]
    autoincrement: bool = False


def read_definition(sql: str) -> Definition:
    """Read a CREATE TABLE as SQLite keeps it in sqlite_schema."""
    every = words(sql)
    opened = next((n for n, word in enumerate(every) if word.says("(")), len(every))
    body = every[opened + 1 : parenthesised(every, opened) - 1]
    checks: list[DeclaredCheck] = []
    links: list[DeclaredLink] = []
    collations: dict[str, str] = {}
    autoincrement = False
    for part in divided(body):
        if not part:
            continue
        autoincrement = autoincrement or any(word.says("AUTOINCREMENT") for word in part)
        column = "" if part[0].says(*_OF_TABLE) else part[0].name or part[0].text
        for name, constraint in _constraints(part[1:] if column else part):
            first = constraint[0]
            if first.says("CHECK"):
                checks.append(DeclaredCheck(name=name, sql=_inside(sql, constraint)))
            elif first.says("REFERENCES", "FOREIGN"):
                links.append(DeclaredLink(name=name, deferrable=_is_deferred(constraint)))
            elif first.says("COLLATE") and column and len(constraint) > 1:
                collations[fold(column)] = constraint[1].name
    return Definition(
        checks=tuple(checks),
        links=tuple(links),
        collations=collations,
        autoincrement=autoincrement,
    )


def _constraints(part: Sequence[Word]) -> Iterator[tuple[str, Sequence[Word]]]:
    """Yield the constraints of a column or the one of a table, each with its name."""
    name, start = "", -1
    place = 0
    while place < len(part):
        word = part[place]
        if word.says("("):
            place = parenthesised(part, place)
            continue
        if _begins(part, place):
            if start >= 0:
                yield name, part[start:place]
                name, start = "", -1
            if word.says("CONSTRAINT"):
                name = part[place + 1].name if place + 1 < len(part) else ""
                place += 2
                continue
            start = place
        place += 1
    if start >= 0:
        yield name, part[start:]


def _begins(part: Sequence[Word], place: int) -> bool:
    """Tell whether a constraint begins here: some of the words occur inside others."""
    word = part[place]
    if not word.says(*_BEGINS):
        return False
    if word.says("NOT"):
        return not (place + 1 < len(part) and part[place + 1].says("DEFERRABLE"))
    if word.says("REFERENCES"):
        return not any(earlier.says("FOREIGN") for earlier in part[:place])
    before = _PART_AFTER.get(word.text.upper(), ())
    return not (place and part[place - 1].says("COLLATE", *before))


def _is_deferred(constraint: Sequence[Word]) -> bool:
    said = [word.text.upper() for word in constraint]
    return any(
        said[n : n + 3] == ["DEFERRABLE", "INITIALLY", "DEFERRED"]
        and (n == 0 or said[n - 1] != "NOT")
        for n in range(len(said))
    )


def _inside(sql: str, constraint: Sequence[Word]) -> str:
    opened = next((n for n, word in enumerate(constraint) if word.says("(")), None)
    if opened is None:
        return ""
    closed = constraint[parenthesised(constraint, opened) - 1]
    return sql[constraint[opened].end : closed.start].strip()
