import sqlite3

import pytest

from masker.engines.sqlite.definitions import DeclaredCheck, DeclaredLink, read_definition
from masker.engines.sqlite.words import names, words

HARD = """CREATE TABLE "o""dd" (
 id INTEGER CONSTRAINT pk PRIMARY KEY AUTOINCREMENT, -- CHECK (id > 0)
 [ch] text COLLATE nocase NOT NULL DEFAULT ('a,b') CHECK (length("ch") < 5)
   CONSTRAINT big CHECK(ch <> '(' /* CHECK ( */),
 p int CONSTRAINT fkp REFERENCES p(id) ON DELETE SET NULL NOT DEFERRABLE INITIALLY DEFERRED,
 q REFERENCES q ON UPDATE SET DEFAULT DEFERRABLE INITIALLY DEFERRED DEFAULT NULL,
 g int GENERATED ALWAYS AS (p + 1) STORED, h AS (1),
 CONSTRAINT ck CHECK (p > q),
 CONSTRAINT "f k" FOREIGN KEY (p, q) REFERENCES z (a, b) DEFERRABLE,
 FOREIGN KEY (q) REFERENCES z, UNIQUE (p, q))"""


def test_what_no_pragma_tells():
    sqlite3.connect(":memory:").execute(HARD)  # it is SQL
    found = read_definition(HARD)
    assert found.checks == (
        DeclaredCheck(name="", sql='length("ch") < 5'),
        DeclaredCheck(name="big", sql="ch <> '(' /* CHECK ( */"),
        DeclaredCheck(name="ck", sql="p > q"),
    )
    assert found.links == (
        DeclaredLink(name="fkp", deferrable=False),
        DeclaredLink(name="", deferrable=True),
        DeclaredLink(name="f k", deferrable=False),
        DeclaredLink(name="", deferrable=False),
    )
    assert found.collations == {"ch": "nocase"}
    assert found.autoincrement


@pytest.mark.parametrize(
    ("sql", "said"),
    [
        ("""a "b""c" [d] `e``f` 'g''h'""", ["a", 'b"c', "d", "e`f", ""]),
        ("x'00' 1.5e3 .5 0x1F a$b ünï", ["", "", "", "", "a$b", "ünï"]),
        ("a--b\nc/*d*/e/*f", ["a", "c", "e"]),
    ],
    ids=["quotes", "numbers", "comments"],
)
def test_words_are_cut_as_sqlite_cuts_them(sql, said):
    assert [word.name for word in words(sql)] == said


def test_names_fold_ascii_letters_only():
    assert names("A = \"B\" AND Ä = 'c'") == {"a", "b", "Ä"}
    assert names('SELECT "select" FROM [from]') == {"select", "from"}
