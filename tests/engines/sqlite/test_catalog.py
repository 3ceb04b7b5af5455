import json
import sqlite3

import pytest

from masker.catalog import Catalog, Kind, TableName
from masker.engines.sqlite import sizes
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.session import Session, Side
from masker.engines.sqlite.types import affinity, has_numbers, resolve
from masker.errors import ConfigError
from masker.snapshots.facts import as_facts, of_facts
from tests.engines.sqlite.conftest import address, main, make


@pytest.fixture
def catalog(difficult):
    return read_catalog(difficult)


def test_tables_are_in_main_and_virtual_ones_are_wires(catalog):
    assert [str(table.name) for table in catalog.tables] == [
        'main.Odd "Names', "main.anything", "main.computed", "main.line", "main.person",
        "main.select", "main.strict_one",
    ]  # fmt: skip
    assert catalog.engine == "sqlite"
    assert catalog.version == sqlite3.sqlite_version
    assert catalog.schemas == ("main",)
    assert catalog.database == "difficult file's.db"
    assert catalog.wires == (("virtual table", "search"),)
    assert of_facts(Catalog, json.loads(json.dumps(as_facts(catalog)))) == catalog


def test_keys(catalog):
    keys = {
        table.name.name: {
            key.name: (key.columns, key.primary, key.partial, key.expression) for key in table.keys
        }
        for table in catalog.tables
    }
    assert keys["anything"] == {"anything_pkey": (("id",), True, False, False)}
    assert keys['Odd "Names'] == {'Odd "Names_pkey': (("Key one", "k,2"), True, False, False)}
    assert keys["person"] == {
        "person_pkey": (("id",), True, False, False),
        "sqlite_autoindex_person_1": (("email",), False, False, False),
        "late": (("seen", "born"), False, True, False),
        "folded": (("phone",), False, False, True),
    }
    assert keys["computed"] == {}


def test_foreign_keys(catalog):
    line = {key.name: key for key in catalog.table(main("line")).foreign_keys}
    odd = line["odd"]
    assert (odd.columns, odd.parent, odd.parent_columns, odd.deferrable) == (
        ("a", "b"), main('Odd "Names'), ("Key one", "k,2"), True,
    )  # fmt: skip
    boss = line["line_boss_fkey_1"]
    assert (boss.columns, boss.parent, boss.parent_columns) == (("boss",), main("line"), ("n",))
    assert not boss.deferrable
    assert boss.validated
    (mail,) = catalog.table(main("select")).foreign_keys
    assert (mail.parent, mail.parent_columns) == (main("person"), ("email",))


def test_columns(catalog):
    person = {c.name: c for c in catalog.table(main("person")).columns}
    assert {name: (c.type.kind, c.type.base) for name, c in person.items()} == {
        "id": (Kind.INTEGER, "int8"), "email": (Kind.TEXT, "text"),
        "active": (Kind.BOOLEAN, "bool"), "born": (Kind.DATE, "date"),
        "seen": (Kind.TIMESTAMP, "timestamp"), "salary": (Kind.DECIMAL, "numeric"),
        "phone": (Kind.TEXT, "numeric_text"), "doc": (Kind.JSON, "json"),
        "tag": (Kind.UUID, "uuid"),
    }  # fmt: skip
    assert not person["id"].nullable
    assert person["email"].type.case_insensitive
    assert person["email"].type.length is None
    assert (person["salary"].type.precision, person["salary"].type.scale) == (10, 2)
    computed = {c.name: c.generated for c in catalog.table(main("computed")).columns}
    assert computed == {"first": False, "last": False, "whole": True, "size": True}
    odd = catalog.table(main('Odd "Names'))
    assert odd.column("say").default == "'it''s'"
    assert not odd.column("k,2").nullable
    # Along a foreign key the parent's collation decides.
    assert catalog.table(main("line")).column("b").type.case_insensitive
    assert catalog.table(main("select")).column("from").type.case_insensitive
    strict = catalog.table(main("strict_one"))
    assert strict.column("any_one").type.base == "text"
    assert not strict.column("code").nullable


def test_checks_views_triggers_sequences_and_texts(catalog):
    strict = catalog.table(main("strict_one"))
    assert [(c.name, c.columns) for c in strict.checks] == [
        ("strict_one_check_1", ("qty",)), ("cheap", ("qty", "price")),
    ]  # fmt: skip
    assert strict.column("qty").checks == ("CHECK (qty > 0)",)
    assert {str(view.name): [str(name) for name in view.reads] for view in catalog.views} == {
        "main.grown": ["main.person"],
        "main.over": ["main.grown", "main.line"],
    }
    (trigger,) = catalog.table(main("line")).triggers
    assert trigger.name == "seen_it"
    assert trigger.before_insert
    (sequence,) = catalog.sequences
    assert sequence.name == TableName("sqlite_sequence", "line")
    assert (sequence.last_value, sequence.is_called) == (9, True)
    assert sequence.owner == (main("line"), "n")
    assert catalog.table(main("line")).column("n").sequence == sequence.name
    texts = dict(catalog.texts)
    assert "lower(phone)" in texts["definition of index folded"]
    assert "/* code ' */" in texts["definition of table strict_one"]


def test_a_primary_key_is_nullable_only_where_it_holds_a_null(tmp_path):
    path = make(
        tmp_path / "nulls.db",
        "CREATE TABLE a (k TEXT PRIMARY KEY); CREATE TABLE b (k TEXT PRIMARY KEY);"
        "INSERT INTO a VALUES ('x'); INSERT INTO b VALUES ('x'), (NULL)",
    )
    with Session.open(address(path), side=Side.SOURCE) as session:
        found = read_catalog(session)
    assert [found.table(main(name)).column("k").nullable for name in "ab"] == [False, True]


def test_foreign_keys_that_nobody_keeps(tmp_path):
    path = make(
        tmp_path / "orphans.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY, x);"
        "CREATE TABLE kept (p REFERENCES p); CREATE TABLE broken (p REFERENCES p);"
        "CREATE TABLE lost (p REFERENCES nowhere, q REFERENCES p (x), r REFERENCES P (ID));"
        "INSERT INTO p (id) VALUES (1); INSERT INTO kept VALUES (1), (NULL);"
        "INSERT INTO broken VALUES (1), (2); INSERT INTO lost VALUES (1, 2, 1)",
    )
    with Session.open(address(path), side=Side.SOURCE) as session:
        found = read_catalog(session)
    links = {table.name.name: table.foreign_keys for table in found.tables}
    assert [link.validated for link in links["kept"]] == [True]
    assert [link.validated for link in links["broken"]] == [False]
    assert [(link.columns, link.parent_columns) for link in links["lost"]] == [(("r",), ("id",))]


def test_rows_are_counted_where_they_are_few_and_else_as_analyze_found_them(tmp_path, monkeypatch):
    path = make(
        tmp_path / "sizes.db",
        "CREATE TABLE few (a); CREATE TABLE many (a); CREATE TABLE unknown (a);"
        "CREATE INDEX m ON many (a)",
        rows=[
            ("INSERT INTO few VALUES (?)", [(n,) for n in range(3)]),
            ("INSERT INTO many VALUES (?)", [(n,) for n in range(50)]),
        ],
    )
    make(path, "ANALYZE", rows=[("INSERT INTO unknown VALUES (?)", [(n,) for n in range(50)])])
    monkeypatch.setattr(sizes, "COUNTED", 10)
    with Session.open(address(path), side=Side.SOURCE) as session:
        found = read_catalog(session)
    assert {t.name.name: t.rows for t in found.tables} == {"few": 3, "many": 50, "unknown": None}
    assert sum(t.bytes for t in found.tables) == pytest.approx(path.stat().st_size, rel=0.01)


def test_chinook(chinook_path):
    with Session.open(address(chinook_path), side=Side.SOURCE) as session:
        found = read_catalog(session)
    assert len(found.tables) == 11
    assert sum(table.rows for table in found.tables) == 15_607
    assert sum(len(table.foreign_keys) for table in found.tables) == 11
    assert all(table.primary_key for table in found.tables)


def test_there_is_one_schema(difficult):
    assert read_catalog(difficult, schemas=["main"]).schemas == ("main",)
    with pytest.raises(ConfigError, match="no schema `public`") as refused:
        read_catalog(difficult, schemas=["public"])
    assert refused.value.code == "unknown-schema"


@pytest.mark.parametrize(
    ("declared", "tends", "kind", "base"),
    [
        ("", "BLOB", Kind.TEXT, "text"),
        ("INTEGER", "INTEGER", Kind.INTEGER, "int8"),
        ("unsigned big int", "INTEGER", Kind.INTEGER, "int8"),
        ("CHARINT", "INTEGER", Kind.INTEGER, "int8"),
        ("NVARCHAR(160)", "TEXT", Kind.TEXT, "text"),
        ("CLOB", "TEXT", Kind.TEXT, "text"),
        ("BLOB", "BLOB", Kind.BYTES, "bytea"),
        ("varbinary(16)", "NUMERIC", Kind.BYTES, "bytea"),
        ("double precision", "REAL", Kind.FLOAT, "float8"),
        ("DECIMAL(10, 2)", "NUMERIC", Kind.DECIMAL, "numeric"),
        ("BOOLEAN", "NUMERIC", Kind.BOOLEAN, "bool"),
        ("DateTime", "NUMERIC", Kind.TIMESTAMP, "timestamp"),
        ("timestamp with time zone", "NUMERIC", Kind.TIMESTAMP_TZ, "timestamptz"),
        ("STRING", "NUMERIC", Kind.TEXT, "numeric_text"),
        ("ANY", "NUMERIC", Kind.TEXT, "numeric_text"),
    ],
)
def test_declared_types(declared, tends, kind, base):
    # SQLite itself says what it makes of a text that reads as a number.
    connection = sqlite3.connect(":memory:")
    connection.execute(f"CREATE TABLE t (c {declared})")
    connection.execute("INSERT INTO t VALUES ('007')")
    stored = connection.execute("SELECT typeof(c) FROM t").fetchone()[0]
    found = resolve(declared)
    assert (affinity(declared), found.kind, found.base) == (tends, kind, base)
    assert has_numbers(found) == (stored in {"integer", "real"})


def test_any_keeps_what_it_is_given_in_a_strict_table_alone():
    assert not has_numbers(resolve("ANY", strict=True))
    assert has_numbers(resolve("ANY"))


@pytest.mark.parametrize(
    ("collation", "folds", "base"), [("nocase", True, "text"), ("RTRIM", False, "bpchar")]
)
def test_collations(collation, folds, base):
    found = resolve("TEXT", collation=collation)
    assert (found.case_insensitive, found.base) == (folds, base)


STRAYS = {
    "integers": ("INT", [1, 1.5, None, ""], ["n/a", b"\0"], "numeric_text"),
    "decimals": ("DECIMAL(10, 2)", [1, 1.5, "12"], ["12 EUR"], "numeric_text"),
    "reals": ("REAL", [1.5, "1e3"], ["many"], "numeric_text"),
    "booleans": ("BOOLEAN", [0, 1, "True", "n"], ["ann@example.org"], "numeric_text"),
    "dates": ("DATE", ["2020-01-01", 2459000.5, ""], ["1.1.2020", "2020-01-01 Ann"], "numeric_text"),
    "moments": (
        "DATETIME",
        ["2020-01-01T10:00:00.5Z", "2020-01-01 10:00:00+02:00", 1262304000],
        ["yesterday"],
        "numeric_text",
    ),
    "times": ("TIME", ["10:00:00.25", 0.5], ["noon", "10 Downing Street"], "numeric_text"),
    "uuids": (
        "UUID",
        ["0b5c6f2e-0000-4000-8000-000000000001", "{0b5c6f2e-0000-4000-8000-000000000001}", b"\0" * 16],
        ["Ann", b"\0" * 15],
        "numeric_text",
    ),
    "addresses": ("INET", ["10.0.0.1/8", "2001:db8::1"], ["host.example.org"], "numeric_text"),
    "blobs": ("BLOB", [b"Ann", 1], ["Ann"], "text"),
}  # fmt: skip


@pytest.mark.parametrize(("declared", "fitting", "strays", "base"), STRAYS.values(), ids=STRAYS)
def test_a_column_with_a_stray_value_is_text_whatever_its_type_says(
    tmp_path, declared, fitting, strays, base
):
    def found(values):
        path = tmp_path / f"{len(list(tmp_path.iterdir()))}.db"
        rows = [(value,) for value in values]
        make(
            path, f'CREATE TABLE t ("a {{}}" {declared})', rows=[("INSERT INTO t VALUES (?)", rows)]
        )
        with Session.open(address(path), side=Side.SOURCE) as session:
            return read_catalog(session).table(main("t")).columns[0].type

    assert found(fitting) == resolve(declared)
    for stray in strays:
        made = found([*fitting, stray])
        assert (made.kind, made.base, made.name) == (Kind.TEXT, base, declared)
        assert has_numbers(made) == has_numbers(resolve(declared))


def test_a_strict_table_keeps_to_its_types(tmp_path):
    path = make(tmp_path / "t.db", "CREATE TABLE t (a INT, b BLOB, c ANY) STRICT")
    with Session.open(address(path), side=Side.SOURCE) as session:
        asked = []
        session.query, query = (
            (lambda sql, params=(): asked.append(sql) or query(sql, params)),
            session.query,
        )
        kinds = [c.type.kind for c in read_catalog(session).table(main("t")).columns]
    assert kinds == [Kind.INTEGER, Kind.BYTES, Kind.TEXT]
    assert not [sql for sql in asked if "GLOB" in sql or "> ''" in sql]
