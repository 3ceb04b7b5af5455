"""A person's statements on a file: split where they end, all of them or none."""

import pytest

from masker.engines.sqlite.address import Address
from masker.engines.sqlite.session import Session, Side
from masker.engines.sqlite.statements import run_inside, run_statements, statements
from masker.errors import CollisionError, ConfigError

SCRIPT = """-- first; a comment
CREATE TABLE t (a UNIQUE);

CREATE TRIGGER g AFTER INSERT ON t BEGIN
  UPDATE t SET a = 'x;y';
  DELETE FROM t WHERE a = ';';
END;
INSERT INTO t VALUES ('secret;word')"""


@pytest.fixture
def session(tmp_path):
    with Session.open(Address(tmp_path / "t.db"), side=Side.TARGET, mode="rwc") as opened:
        yield opened


def test_statements_end_where_they_end():
    assert [(line, text.split()[0]) for line, text in statements(SCRIPT)] == [
        (1, "--"), (4, "CREATE"), (8, "INSERT")
    ]  # fmt: skip
    assert list(statements(" \n ")) == []


def test_all_are_run(session):
    run_statements(session, SCRIPT, file="after.sql")
    assert session.query("SELECT a FROM t") == [("x;y",)]
    assert not session.in_transaction


@pytest.mark.parametrize(
    ("bad", "kind", "told"),
    [
        ("INSERT INTO t VALUES ('secret'), ('secret');", CollisionError, "line 10"),
        ("SELECT no_such FROM t;", ConfigError, "line 10"),
        ("COMMIT;", ConfigError, "ends the transaction"),
        ("BEGIN;", ConfigError, "line 10"),
    ],
)
def test_one_that_fails_undoes_all_and_is_named_by_its_line(session, bad, kind, told):
    with pytest.raises(kind, match=told) as caught:
        run_statements(session, f"{SCRIPT};\n\n{bad}", file="after.sql")
    assert "after.sql" in str(caught.value)
    assert "secret" not in str(caught.value)
    if bad != "COMMIT;":
        assert session.query("SELECT name FROM sqlite_schema") == []


@pytest.mark.parametrize("run", [run_statements, run_inside])
def test_one_that_fails_says_how_to_mend_it(session, run):
    with pytest.raises(ConfigError) as caught:
        run(session, "SELECT no_such FROM nowhere;", file="after.sql")
    assert caught.value.help.startswith("correct the statement")
