"""What only SQLite has: classes of values, rowids, tables without them, actions, old drivers' ways."""

import sqlite3

import pytest
import sqlalchemy as sa

import masker
from masker.errors import DataError, MaskerError
from tests.pipelines.lying import KEY, Place, sqlite_at


@pytest.fixture
def place(tmp_path):
    (tmp_path / "files").mkdir()
    with sqlite_at(tmp_path / "files" / "app.db") as engine:
        yield Place(engine)


def accepting(place, rules, table, accept=(), **options):
    with place.engine.begin() as connection:
        made = masker.Masker.from_rules(rules, key=KEY, accept=accept)
        return made.mask_table(connection, table, **options)


@pytest.mark.parametrize("action", ["NO ACTION", "RESTRICT", "CASCADE", "SET NULL", "SET DEFAULT"])
def test_no_action_of_a_foreign_key_finds_a_row(place, action):
    place.run(f"""
CREATE TABLE a (id text PRIMARY KEY, up text DEFAULT 'x' REFERENCES a (id) ON UPDATE {action});
CREATE TABLE b (id integer PRIMARY KEY, a text DEFAULT 'x' REFERENCES a (id) ON UPDATE {action});
INSERT INTO a WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s WHERE n < 9)
  SELECT n, NULL FROM s;
UPDATE a SET up = (id + 1) % 10;
INSERT INTO b SELECT id, id FROM a
""")
    accepting(place, {"a": {"id": {"use": "digits"}}}, "a", accept=["weak-space:a.id"])
    ups = dict(place.rows("SELECT id, up FROM a"))
    assert set(ups) == set(ups.values()) == {str(n) for n in range(10)}
    seen, here = [], "0"
    for _ in range(10):  # it was one ring, and is one
        seen.append(here)
        here = ups[here]
    assert len(set(seen)) == 10
    fake = masker.Masker.from_rules({"a": {"id": "digits"}}, key=KEY, accept=["weak-space:a.id"])
    assert dict(place.rows("SELECT id, a FROM b")) == {
        n: fake.mask_value(str(n), "id", table="a") for n in range(10)
    }


def test_a_rowid_and_a_table_without_one(place):
    place.run("""
CREATE TABLE people (id INTEGER PRIMARY KEY, name text);
CREATE TABLE seats (room text, seat integer, person integer REFERENCES people (id),
  PRIMARY KEY (room, seat)) WITHOUT ROWID;
CREATE TABLE tickets (room text, seat integer, FOREIGN KEY (room, seat) REFERENCES seats (room, seat));
INSERT INTO people VALUES (1, 'Anna Kranz'), (2, 'Bert Blau'), (3, 'Carla Kranz');
INSERT INTO seats VALUES ('a1', 1, 1), ('a1', 2, 2), ('b2', 1, 3), ('c3', 1, NULL);
INSERT INTO tickets VALUES ('a1', 1), ('b2', 1), (NULL, NULL)
""")
    tied = "SELECT p.name FROM people p JOIN seats s ON s.person = p.id ORDER BY s.seat, s.room"
    assert len(place.rows(tied)) == 3
    accepting(place, {"people": {"id": "integer", "name": "full_name"}}, "people")
    assert len(place.rows(tied)) == 3
    assert not {row[0] for row in place.rows("SELECT id FROM people")} & {1, 2, 3}
    rules = {"seats": {"room": "alphanumeric", "seat": "integer", "person": "keep"}}
    accepting(place, rules, "seats")
    held = place.rows("SELECT s.room, s.person IS NULL FROM tickets t JOIN seats s "
                      "ON s.room = t.room AND s.seat = t.seat")  # fmt: skip
    assert len(held) == 2
    assert len(place.rows(tied)) == 3
    assert place.rows("PRAGMA foreign_key_check") == []


def test_strict_tables_and_checks_of_values_aside(place):
    place.run("""
CREATE TABLE t (id TEXT PRIMARY KEY CHECK (id GLOB '[0-9]*' AND length(id) = 3), n INTEGER UNIQUE) STRICT;
INSERT INTO t VALUES ('001', 1), ('002', 2), ('003', 3)
""")
    rules = {"t": {"id": "digits", "n": "integer"}}
    accepting(place, rules, "t")
    assert place.rows("SELECT count(*), max(length(id)) FROM t WHERE typeof(n) = 'integer'") == [
        (3, 3)
    ]
    with pytest.raises(Exception, match="CHECK"):
        place.run("INSERT INTO t VALUES ('xyz', 9)")  # checks are on again


def test_classes_of_kept_values_stay(place):
    place.run("CREATE TABLE t (id integer PRIMARY KEY, any, email text)")
    place.run("INSERT INTO t VALUES (1, x'00ff', 'a@web.de'), (2, 1.5, 'b@web.de'), (3, 7, NULL)")
    accepting(place, {"t": {"id": "keep", "any": "keep", "email": "email"}}, "t")
    assert place.rows("SELECT any, typeof(any) FROM t ORDER BY id") == [
        (b"\x00\xff", "blob"), (1.5, "real"), (7, "integer"),
    ]  # fmt: skip


def test_keys_without_a_range_aside_are_told(place):
    place.run("CREATE TABLE t (id text PRIMARY KEY)")
    with place.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO t VALUES (?)", [(chr(0xF0041) + "b",)])
    with pytest.raises(DataError) as caught:
        accepting(place, {"t": {"id": "alphanumeric"}}, "t", accept=["weak-space:t.id"])
    assert caught.value.code == "no-range-aside"


def test_rows_of_any_factory_and_converters_will_do(tmp_path):
    (tmp_path / "files").mkdir()
    raw = sqlite3.connect(tmp_path / "files" / "a.db", detect_types=sqlite3.PARSE_DECLTYPES)
    raw.row_factory = lambda cursor, row: {
        c[0]: v for c, v in zip(cursor.description, row, strict=True)
    }
    raw.execute("CREATE TABLE t (id integer PRIMARY KEY, seen timestamp, email text)")
    raw.execute("INSERT INTO t VALUES (1, '2024-03-01 12:30:00', 'anna@web.de')")
    rules = {
        "t": {
            "id": "keep",
            "seen": {"use": "shift_date", "with": {"within": "9d"}},
            "email": "email",
        }
    }
    done = masker.Masker.from_rules(rules, key=KEY).mask_table(raw, "t")
    raw.commit()
    assert done.rows == 1
    (row,) = raw.execute("SELECT email, CAST(seen AS text) AS seen FROM t").fetchall()
    assert row["email"].endswith(("example", "com", "org", "net"))
    assert row["seen"].endswith("12:30:00")
    assert not row["seen"].startswith("2024-03-01")
    raw.close()


def test_pragmas_are_as_they_were(place):
    names = ("writable_schema", "foreign_keys", "defer_foreign_keys", "ignore_check_constraints")
    place.run("CREATE TABLE t (id text PRIMARY KEY);\nINSERT INTO t VALUES ('abcdefgh')")
    with place.engine.connect() as connection:
        before = [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names]
        made = masker.Masker.from_rules({"t": {"id": "alphanumeric"}}, key=KEY)
        made.mask_table(connection, "t")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names] == before
        with pytest.raises(MaskerError):
            made.mask_table(connection, "t", again=True, where="nonsense")
        assert [connection.exec_driver_sql(f"PRAGMA {name}").scalar() for name in names] == before
        assert connection.exec_driver_sql("SELECT name FROM sqlite_temp_schema").all() == []
        connection.commit()
    assert place.rows("SELECT table_name FROM sqlite_masker_tables") == [("t",)]
    assert sa.inspect(place.engine).get_table_names() == ["t"]


def test_a_file_that_is_locked_is_to_be_tried_again(place, tmp_path):
    place.run("CREATE TABLE t (email text);\nINSERT INTO t VALUES ('anna@web.de')")
    other = sqlite3.connect(tmp_path / "files" / "app.db", isolation_level=None, timeout=0)
    other.execute("BEGIN IMMEDIATE")
    mine = sqlite3.connect(tmp_path / "files" / "app.db", timeout=0)
    with pytest.raises(masker.TryAgainError):
        masker.Masker.from_rules({"t": {"email": "email"}}, key=KEY).mask_table(mine, "t")
    mine.close()
    other.close()


def test_virtual_tables_are_told(place):
    place.run("CREATE TABLE t (email text)")
    place.run("CREATE VIRTUAL TABLE found USING fts5 (email, content='t')")
    done = accepting(place, {"t": {"email": "email"}}, "t")
    assert [each.subject for each in done.findings if each.code == "copy-remains"] == ["found"]


@pytest.mark.parametrize("clause", ["REPLACE", "IGNORE", "ROLLBACK", "FAIL", "ABORT"])
@pytest.mark.parametrize("key", ["PRIMARY KEY", "UNIQUE"])
def test_what_a_table_says_of_conflicts_is_not_asked(place, clause, key):
    place.run(f"CREATE TABLE t (id text {key} ON CONFLICT {clause}, grp text);\n"
              "INSERT INTO t WITH RECURSIVE s (n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM s "
              "WHERE n < 9) SELECT n, iif(n < 6, 'a', 'b') FROM s;\n"
              f"CREATE TABLE other (id text {key} ON CONFLICT {clause}, grp text);\n"
              "INSERT INTO other SELECT id, grp FROM t")  # fmt: skip
    before = place.rows("SELECT * FROM t")
    made = masker.Masker.from_rules(
        {"t": {"id": "digits", "grp": "keep"}}, key=KEY, accept=["weak-space:t.id"]
    )
    with place.engine.connect() as connection:
        connection.exec_driver_sql("CREATE TABLE mine (n integer)")
        for call in (
            lambda: made.mask_table(connection, "t", where="grp = 'a'"),
            lambda: made.copy_table(connection, "t", into="other"),
        ):
            with pytest.raises(masker.CollisionError):
                call()
        connection.commit()  # the transaction is still the caller's
    assert place.rows("SELECT * FROM t") == place.rows("SELECT * FROM other") == before
    assert place.rows("SELECT * FROM mine") == []
    with place.engine.begin() as connection:
        assert made.mask_table(connection, "t").rows == 10
    assert {row[0] for row in place.rows("SELECT id FROM t")} == {str(n) for n in range(10)}


def test_kept_values_are_copied_as_they_are():
    raw = sqlite3.connect(":memory:")
    raw.executescript("""
CREATE TABLE t (id integer PRIMARY KEY, any, note text, email text, name text);
CREATE TABLE other (name text, email text, note text, any, id integer);
INSERT INTO t VALUES (1, x'00ff', CAST(x'ff41' AS text), 'a@web.de', 'A B'), (3, 7, x'6162', NULL, ''),
  (2, 1.5, 'plain', 'b@web.de', NULL), (4, '7', NULL, 'c@web.de', 'C D'), (5, 9e999, '\\xff', '', 'E')
""")
    rules = {"t": {"id": "keep", "any": "keep", "note": "keep", "email": "email",
                   "name": "full_name"}}  # fmt: skip
    done = masker.Masker.from_rules(rules, key=KEY).copy_table(raw, "t", into="other")
    assert done.rows == 5
    told = "SELECT id, hex(any), typeof(any), hex(note), typeof(note) FROM {} ORDER BY id"
    kept = raw.execute(told.format("t")).fetchall()
    assert raw.execute(told.format("other")).fetchall() == kept
    assert raw.execute("SELECT count(*) FROM other o JOIN t USING (id) WHERE o.email = t.email "
                       "AND o.email <> ''").fetchone() == (0,)  # fmt: skip
    raw.close()


def test_what_a_verdict_reads_is_copied_as_it_is_too():
    raw = sqlite3.connect(":memory:")
    raw.executescript("""
CREATE TABLE t (id integer PRIMARY KEY, kind text, email text);
CREATE TABLE other (id integer, kind text, email text);
INSERT INTO t VALUES (1, CAST(x'ff41' AS text), 'a@web.de'), (2, 'person', 'b@web.de')
""")
    rules = {"t": {"id": "keep", "kind": "keep",
                   "email": [{"when": "kind = 'person'", "use": "email"}, {"use": "keep"}]}}  # fmt: skip
    masker.Masker.from_rules(rules, key=KEY).copy_table(raw, "t", into="other")
    ((broken, first), (kind, second)) = raw.execute(
        "SELECT hex(kind), email FROM other ORDER BY id"
    ).fetchall()
    assert (broken, first, kind) == ("FF41", "a@web.de", b"person".hex().upper())
    assert second != "b@web.de"
    raw.close()
