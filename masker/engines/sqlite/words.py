"""SQL in words: what SQLite's own texts are made of, cut as its tokenizer cuts them.

Only the schema's texts are read this way, and only for what no PRAGMA tells: CHECKs, names of
constraints, whether a foreign key may be deferred, what a view reads.
https://www.sqlite.org/lang_keywords.html, https://www.sqlite.org/lang_comment.html
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

_TOKEN = re.compile(
    r"""
    (?P<space> \s+ | --[^\n]* | /\*.*?(?:\*/|\Z) )
  | (?P<text> [xX]?'(?:[^']|'')*' )
  | (?P<quoted> "(?:[^"]|"")*" | `(?:[^`]|``)*` | \[[^\]]*\] )
  | (?P<number> (?:0[xX][0-9a-fA-F]+) | (?:[0-9]+\.?[0-9]*|\.[0-9]+)(?:[eE][+-]?[0-9]+)? )
  | (?P<name> [^\W\d][\w$]* )
  | (?P<sign> . )
    """,
    re.VERBOSE | re.DOTALL,
)

# Words that are a name in quotes only.
_KEYWORDS = """
ADD ALL ALTER AND AS AUTOINCREMENT BETWEEN CASE CHECK COLLATE COMMIT CONSTRAINT CREATE DEFAULT
DEFERRABLE DELETE DISTINCT DROP ELSE ESCAPE EXISTS FOREIGN FROM GROUP HAVING IN INDEX INSERT
INTO IS ISNULL JOIN LIMIT NOT NOTHING NOTNULL NULL ON OR ORDER PRIMARY REFERENCES RETURNING
SELECT SET TABLE THEN TO TRANSACTION UNION UNIQUE UPDATE USING VALUES WHEN WHERE
"""
_RESERVED = frozenset(_KEYWORDS.split())


@dataclass(frozen=True, slots=True)
class Word:
    """A word of SQL: its kind (text, quoted, number, name, sign), its text, where it stands."""

    kind: str
    text: str
    start: int
    end: int

    @property
    def name(self) -> str:
        """Return the name that the word spells, without quotes; empty if it is no name."""
        if self.kind == "name":
            return self.text
        if self.kind != "quoted":
            return ""
        closing = self.text[-1]
        inside = self.text[1:-1]
        return inside if closing == "]" else inside.replace(closing * 2, closing)

    def says(self, *keywords: str) -> bool:
        """Tell whether the word is one of these keywords or signs."""
        return self.kind in {"name", "sign"} and self.text.upper() in keywords


def words(sql: str) -> list[Word]:
    """Cut SQL into words; blanks and comments are left out."""
    return [
        Word(found.lastgroup or "", found.group(), found.start(), found.end())
        for found in _TOKEN.finditer(sql)
        if found.lastgroup != "space"
    ]


def names(sql: str) -> set[str]:
    """Return every name in a piece of SQL, in lower case: SQLite's names fold ASCII letters."""
    found = (word for word in words(sql) if word.name)
    return {fold(word.name) for word in found if word.text.upper() not in _RESERVED}


def fold(name: str) -> str:
    """Return a name as SQLite compares it: ASCII letters in lower case."""
    return name.translate(_LOWER)


_LOWER = {code: code + 32 for code in range(ord("A"), ord("Z") + 1)}


def parenthesised(given: Sequence[Word], at: int) -> int:
    """Return the place behind the bracket that closes the one at a place."""
    depth = 0
    for place in range(at, len(given)):
        if given[place].says("("):
            depth += 1
        elif given[place].says(")"):
            depth -= 1
            if depth == 0:
                return place + 1
    return len(given)


def divided(given: Sequence[Word]) -> Iterator[Sequence[Word]]:
    """Yield the parts between commas that stand in no brackets."""
    start = depth = 0
    for place, word in enumerate(given):
        depth += word.says("(") - word.says(")")
        if depth == 0 and word.says(","):
            yield given[start:place]
            start = place + 1
    if given:
        yield given[start:]
