"""The closure on SQLite: it keeps what brute force keeps, and what PostgreSQL keeps."""

from dataclasses import replace

import numpy as np
import polars as pl
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from masker.catalog.links import Link, declared_links
from masker.engines.postgres.address import Address as ServerAddress
from masker.engines.postgres.catalog import read_catalog as read_server
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.read import begin_snapshot
from masker.engines.postgres.session import Session as ServerSession
from masker.engines.postgres.session import Side as ServerSide
from masker.engines.sqlite import numbering
from masker.engines.sqlite.catalog import read_catalog
from masker.engines.sqlite.layout import layout
from masker.engines.sqlite.rows import SqliteRows
from masker.engines.sqlite.session import Session, Side
from masker.rules.subset import Edge, RootRule, SubsetRules
from masker.subset.choose import choose
from tests.engines.sqlite.conftest import VALUES, address, main, make
from tests.subset.brute import Brute
from tests.subset.worlds import rules, worlds


class Reading:
    """A file in one read transaction, with what a subset asks of it."""

    def __init__(self, path):
        self.session = Session.open(address(path), side=Side.SOURCE)
        self.session.execute("BEGIN")
        self.catalog = read_catalog(self.session)
        self.rows = SqliteRows(self.session, self.catalog)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.session.close()

    def choose(self, asked, **more):
        loaded = frozenset(table.name for table in self.catalog.tables)
        return choose(asked, self.catalog, self.rows, loaded=loaded, **more)

    def values(self, kept, name, columns):
        return values_of(self.rows, kept, name, columns)

    def edges(self):
        return tuple(Edge(link=link) for link in declared_links(self.catalog))


def values_of(rows, kept, name, columns):
    ids = kept.rows[name]
    batches = rows.scan(name, columns) if ids is None else rows.read(name, ids, columns)
    return sorted((row for batch in batches for row in batch.values.rows()), key=repr)


def statements(world, without):
    for spec in world.tables.values():
        nullable = {c for r in spec.references if r.nullable for c in r.columns}
        parts = [
            f"{c} {'text' if c == 'grp' else 'integer'}"
            + ("" if c in nullable or c in {"a", "b", "u", "grp"} else " NOT NULL")
            for c in spec.columns
        ]
        parts += [f"PRIMARY KEY ({', '.join(spec.primary)})"] if spec.primary else []
        parts += ["UNIQUE (u)", "UNIQUE (a, b)"]
        parts += [
            f"FOREIGN KEY ({', '.join(r.columns)}) REFERENCES {r.parent} ({', '.join(r.target)})"
            for r in spec.references
        ]
        tail = " WITHOUT ROWID" if spec.primary and spec.name in without else ""
        yield f"CREATE TABLE {spec.name} ({', '.join(parts)}){tail};"


def filled(world):
    for spec in world.tables.values():
        marks = ", ".join("?" * len(spec.columns))
        rows = [[row[c] for c in spec.columns] for row in spec.rows]
        yield f"INSERT INTO {spec.name} VALUES ({marks})", rows


def in_main(asked, catalog):
    """Return rules that were drawn for other table names, and their links by the file's names."""
    links = {
        (link.table.name, link.columns, link.parent.name, link.parent_columns): link
        for link in declared_links(catalog)
    }
    edges = {}
    for edge in asked.edges:
        old = edge.link
        link = links[old.table.name, old.columns, old.parent.name, old.parent_columns]
        edges.setdefault(link, replace(edge, link=link))
    roots = tuple(replace(root, table=main(root.table.name)) for root in asked.roots)
    return replace(asked, roots=roots, edges=tuple(edges.values()))


@settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_a_file_keeps_what_brute_force_keeps(tmp_path_factory, data):
    world = data.draw(worlds())
    asked = data.draw(rules(world))
    without = data.draw(st.sets(st.sampled_from(sorted(world.tables))))
    keyless = {n for n, spec in world.tables.items() if not spec.primary}
    if keyless:  # their lots go by rowids, which brute force does not know: all rows, no limits
        roots = tuple(
            RootRule(table=r.table, where=r.where) if r.table.name in keyless else r
            for r in asked.roots
        )
        edges = tuple(
            Edge(link=e.link, follow=e.follow) if e.link.table.name in keyless else e
            for e in asked.edges
        )
        asked = replace(asked, roots=roots, edges=edges)
    path = tmp_path_factory.mktemp("world") / "world.db"
    make(path, *statements(world, without), rows=filled(world))
    with Reading(path) as here:
        brute = Brute(world, asked)
        kept = here.choose(in_main(asked, here.catalog))
        for name, spec in world.tables.items():
            wanted = [
                tuple(spec.rows[n][c] for c in spec.columns) for its, n in brute.kept if its == name
            ]
            assert here.values(kept, main(name), spec.columns) == sorted(wanted, key=repr)


# -- the same rows as PostgreSQL -------------------------------------------------------------------


def plain(name):
    return name.lower().replace("_", "")


ROOTS = {
    "share": ("customer", {"sample": 0.2}),
    "rows": ("invoice", {"rows": 17}),
    "composite": ("playlisttrack", {"rows": 100}),
    "newest": ("invoice", {"newest": ("invoicedate", 25)}),
    "strata": ("customer", {"rows": 12, "stratify": ("country",)}),
}


@pytest.mark.parametrize(("root", "how"), ROOTS.values(), ids=ROOTS)
@pytest.mark.parametrize("limit", [None, 2], ids=["all children", "two children"])
def test_the_same_seed_keeps_the_same_rows_of_chinook_on_both_engines(
    production, chinook, lasting_database, chinook_path, root, how, limit
):
    url = lasting_database(production, "chinook", template=chinook)
    with ServerSession.open(ServerAddress.parse(url), side=ServerSide.SOURCE) as session:
        begin_snapshot(session)
        catalog = read_server(session)
        server = _chinook(catalog, PostgresRows(session, catalog), root, how, limit)
    with Reading(chinook_path) as here:
        file = _chinook(here.catalog, here.rows, root, how, limit)
    assert file == server
    counts = {name: len(rows) for name, rows in file.items()}
    assert sum(counts.values()) > 100
    assert counts[root] > 0


def _chinook(catalog, rows, root, how, limit):
    tables = {plain(table.name.name): table for table in catalog.tables}
    columns = {plain(c.name): c.name for c in tables[root].columns}
    how = dict(how)
    if "newest" in how:
        how["newest"] = (columns[how["newest"][0]], how["newest"][1])
    if "stratify" in how:
        how["stratify"] = tuple(columns[name] for name in how["stratify"])
    asked = SubsetRules(
        roots=(RootRule(table=tables[root].name, seed=7, **how),),
        edges=tuple(Edge(link=k, max_per_parent=limit) for k in declared_links(catalog)),
        lookup_rows=30,
        seed=7,
    )
    loaded = frozenset(table.name for table in catalog.tables)
    kept = choose(asked, catalog, rows, loaded=loaded)
    return {
        name: values_of(rows, kept, table.name, table.primary_key.columns)
        for name, table in tables.items()
    }


# -- rows by number and key ------------------------------------------------------------------------


def test_a_table_without_rowid_is_numbered_by_the_order_of_its_key(difficult, monkeypatch):
    monkeypatch.setattr(numbering, "STRIDE", 2)
    rows = SqliteRows(difficult, read_catalog(difficult))
    odd = main('Odd "Names')
    found = {
        id: key
        for batch in rows.scan(odd, ("Key one", "k,2"))
        for id, key in zip(batch.ids.tolist(), batch.values.rows(), strict=True)
    }
    assert found == {0: ("-7", "Ä"), 1: ("1", "a"), 2: ("1", "b"), 3: ("2", "a")}
    read = [
        (batch.ids.tolist(), batch.values.rows())
        for batch in rows.read(odd, np.array([3, 0, 1]), ("say",))
    ]
    assert [id for ids, _ in read for id in ids] == [0, 1, 3]
    assert [row for _, part in read for row in part] == [("Ä",), ("A",), ("?",)]
    assert rows.meeting(odd, np.array([0, 1, 2]), where="say IS NULL").tolist() == [2]


@settings(max_examples=25, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    keys=st.lists(
        st.tuples(
            st.one_of(
                st.sampled_from([v for v in VALUES if v is not None and v != "x" * 100_000]),
                st.text(max_size=3),
                st.binary(max_size=3),
                st.integers(-(2**63), 2**63 - 1),
                st.floats(allow_nan=False),
            ),
            st.integers(0, 3),
        ),
        max_size=40,
    ),
    collation=st.sampled_from(["BINARY", "NOCASE", "RTRIM"]),
    stride=st.integers(1, 7),
)
def test_numbers_and_keys_lead_to_each_other(tmp_path_factory, keys, collation, stride):
    path = tmp_path_factory.mktemp("keys") / "keys.db"
    make(
        path,
        f"CREATE TABLE t (n INT, k, PRIMARY KEY (k COLLATE {collation}, n)) WITHOUT ROWID;",
        rows=[("INSERT OR IGNORE INTO t (k, n) VALUES (?, ?)",
               [(k.encode("utf-8", "ignore").decode() if isinstance(k, str) else k, n) for k, n in keys])],
    )  # fmt: skip
    with (
        pytest.MonkeyPatch.context() as patch,
        Session.open(address(path), side=Side.SOURCE) as session,
    ):
        patch.setattr(numbering, "STRIDE", stride)
        session.execute("BEGIN")
        made = numbering.Numbering(
            session, main("t"), layout(session, main("t"), without_rowid=True)
        )
        stored = session.query(f"SELECT k, n FROM t ORDER BY k COLLATE {collation}, n")
        assert made.of(stored).tolist() == list(range(len(stored)))
        wanted = np.arange(0, len(stored), 2)
        there = [key for _, part in made.keys(wanted) for key in part]
        assert there == stored[::2]


def test_keys_lead_to_rows_whatever_class_they_are_stored_in(difficult):
    rows = SqliteRows(difficult, read_catalog(difficult))
    table = main("anything")
    for column in "vnrtbi":
        frames = list(rows.keys(table, (column,), where=f"{column} IS NOT NULL"))
        keys = pl.concat(frames).unique()
        found = np.concatenate([batch.ids for batch in rows.find(table, keys)])
        wanted = [
            id for (id,) in difficult.query(f"SELECT id FROM anything WHERE {column} NOTNULL")
        ]
        assert sorted(found.tolist()) == sorted(wanted), column


def test_a_child_finds_its_parent_by_the_parent_s_collation(difficult):
    catalog = read_catalog(difficult)
    rows = SqliteRows(difficult, catalog)
    links = {link.constraint: link for link in declared_links(catalog)}
    odd = links["odd"]
    up = list(rows.parents(odd, main("line"), np.array([1, 2, 3, 9])))
    assert sorted(id for batch in up for id in batch.ids.tolist()) == [1, 2]
    down = [
        (c, p)
        for batch in rows.children(odd, odd.parent, np.array([0, 1, 2, 3]))
        for c, p in zip(batch.ids.tolist(), batch.parents.tolist(), strict=True)
    ]
    assert sorted(down) == [(1, 1), (2, 2)]
    mail = next(link for link in links.values() if link.table == main("select"))
    assert [b.ids.tolist() for b in rows.parents(mail, main("select"), np.array([1, 2]))] == [[7]]


def test_references_cross_types_and_have_conditions(tmp_path):
    path = make(
        tmp_path / "notes.db",
        "CREATE TABLE top (id INTEGER PRIMARY KEY); INSERT INTO top VALUES (1), (2);"
        "CREATE TABLE note (kind TEXT, about TEXT);"
        "INSERT INTO note VALUES ('top', '1'), ('top', '9'), ('line', '2'), (NULL, '1')",
    )
    link = Link(
        table=main("note"), columns=("about",), parent=main("top"), parent_columns=("id",),
        when=("kind", "top"),
    )  # fmt: skip
    with Reading(path) as here:
        down = list(here.rows.children(link, main("top"), np.array([1, 2]), columns=("about",)))
        assert [(b.ids.tolist(), b.values.rows()) for b in down] == [([1], [("1",)])]
        up = list(here.rows.parents(link, main("note"), np.array([1, 2, 3, 4])))
        assert [b.ids.tolist() for b in up] == [[1]]


@pytest.mark.parametrize(("mine", "theirs"), [("TEXT", "INTEGER"), ("INTEGER", "TEXT")])
def test_a_reference_across_types_uses_the_index_of_either_side(tmp_path, mine, theirs):
    path = make(
        tmp_path / "notes.db",
        f"CREATE TABLE top (id {theirs} PRIMARY KEY, n INT); CREATE TABLE note (about {mine});"
        "CREATE INDEX a ON note (about)",
        rows=[
            ("INSERT INTO top VALUES (?, ?)", [(n, n) for n in range(2000)]),
            ("INSERT INTO note VALUES (?)", [(n % 2000,) for n in range(4000)]),
            ("INSERT INTO note VALUES (?)", [("7.0",), ("x",), (None,)]),
        ],
    )
    link = Link(table=main("note"), columns=("about",), parent=main("top"), parent_columns=("id",))
    plans = []
    with Reading(path) as here:
        query = here.session.query

        def explained(_what, sql, params):
            plans.append("\n".join(row[3] for row in query(f"EXPLAIN QUERY PLAN {sql}", params)))

        top = np.concatenate([b.ids for b in here.rows.scan(main("top"), where="n IN (3, 7)")])
        told(here.session, explained)
        down = list(here.rows.children(link, main("top"), top))
        ids = np.concatenate([batch.ids for batch in down])
        # In a column for integers `7.0` is 7.
        assert len(ids) == (4 if mine == "TEXT" else 5)
        up = list(here.rows.parents(link, main("note"), ids))
        assert sorted(np.concatenate([batch.ids for batch in up]).tolist()) == sorted(top.tolist())
    plans = [plan for plan in plans if " c " in plan or " p " in plan]
    assert len(plans) == 2
    for plan in plans:
        assert "SCAN c" not in plan, plan
        assert "SCAN p" not in plan, plan


def test_no_statement_holds_a_key_and_nothing_is_written(tmp_path):
    path = make(
        tmp_path / "secret.db",
        "CREATE TABLE s (id TEXT PRIMARY KEY) WITHOUT ROWID;"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, s TEXT REFERENCES s)",
        rows=[
            ("INSERT INTO s VALUES (?)", [(f"secret-{n}",) for n in range(4711, 5000)]),
            ("INSERT INTO c (s) VALUES (?)", [(f"secret-{n}",) for n in range(4711, 5000)]),
        ],
    )
    before = path.read_bytes()
    said = []
    with Reading(path) as here:
        told(here.session, lambda what, sql, params: said.append(sql))
        asked = SubsetRules(
            roots=(RootRule(table=main("s"), rows=100),), edges=here.edges(), lookup_rows=0
        )
        kept = here.choose(asked)
        assert len(kept.rows[main("c")]) == 100
        assert here.session.query("SELECT name FROM sqlite_temp_schema") == []
    assert path.read_bytes() == before
    assert [p.name for p in tmp_path.iterdir()] == ["secret.db"]
    assert len(said) > 3
    assert not [sql for sql in said if "secret" in sql.replace("secret.db", "") or "47" in sql]


def told(session, tell):
    """Tell of every statement before it runs."""
    cursor, query = session.cursor, session.query

    def opened(what, sql, params=()):
        tell(what, sql, params)
        return cursor(what, sql, params)

    def asked(sql, params=()):
        tell("", sql, params)
        return query(sql, params)

    session.cursor, session.query = opened, asked


def test_an_index_leads_to_children_and_a_missing_one_costs_one_reading(tmp_path):
    path = make(
        tmp_path / "plans.db",
        "CREATE TABLE p (id INTEGER PRIMARY KEY);"
        "CREATE TABLE c (id INTEGER PRIMARY KEY, p INT REFERENCES p);"
        "CREATE TABLE bare (id INTEGER PRIMARY KEY, p INT REFERENCES p);"
        "CREATE INDEX c_p ON c (p)",
        rows=[
            ("INSERT INTO p VALUES (?)", [(n,) for n in range(3000)]),
            ("INSERT INTO c VALUES (?, ?)", [(n, n % 3000) for n in range(9000)]),
            ("INSERT INTO bare VALUES (?, ?)", [(n, n % 3000) for n in range(9000)]),
        ],
    )
    plans = {}
    with Reading(path) as here:
        query = here.session.query

        def explained(what, sql, params):
            lines = query(f"EXPLAIN QUERY PLAN {sql}", params)
            plans.setdefault(what, "\n".join(line[3] for line in lines))

        told(here.session, explained)
        for link in declared_links(here.catalog):
            found = list(here.rows.children(link, main("p"), np.arange(10)))
            assert sum(len(batch.ids) for batch in found) == 30
    assert "SEARCH c USING COVERING INDEX c_p (p=?)" in plans["reading rows along main.c.p"]
    assert "SCAN c" in plans["reading rows along main.bare.p"]
    assert "SEARCH p USING INTEGER PRIMARY KEY" in plans["reading rows along main.bare.p"]
    assert "AUTOMATIC" not in str(plans)


def test_a_table_without_rowid_is_looked_up_and_never_read_again(tmp_path):
    path = make(
        tmp_path / "wide.db",
        "CREATE TABLE p (a INT, b TEXT COLLATE NOCASE, PRIMARY KEY (a, b)) WITHOUT ROWID;"
        "CREATE TABLE c (a INT, b TEXT, n INT, PRIMARY KEY (n, a), FOREIGN KEY (a, b) REFERENCES p)"
        " WITHOUT ROWID; CREATE INDEX c_p ON c (a, b)",
        rows=[
            ("INSERT INTO p VALUES (?, ?)", [(n, f"k{n}") for n in range(3000)]),
            (
                "INSERT INTO c VALUES (?, ?, ?)",
                [(n % 3000, f"K{n % 3000}", n) for n in range(9000)],
            ),
        ],
    )
    plans = []
    with Reading(path) as here:
        query = here.session.query
        (link,) = declared_links(here.catalog)
        for table in ("p", "c"):
            here.rows._places.numbering(main(table))  # read once, for the numbers

        def explained(_what, sql, params):
            plans.append("\n".join(row[3] for row in query(f"EXPLAIN QUERY PLAN {sql}", params)))

        told(here.session, explained)
        ids = np.array([5, 700, 2999])
        down = list(here.rows.children(link, main("p"), ids))
        assert sum(len(batch.ids) for batch in down) == 9
        children = np.concatenate([batch.ids for batch in down])
        up = [batch.ids for batch in here.rows.parents(link, main("c"), children)]
        assert sorted(set(np.concatenate(up).tolist())) == ids.tolist()
        assert len(here.rows.meeting(main("p"), ids, where="a > 6")) == 2
        assert sum(len(batch.ids) for batch in here.rows.read(main("c"), children, ("n",))) == 9
    assert len(plans) > 8
    for plan in plans:
        lines = {line.strip() for line in plan.splitlines()}
        assert not lines & {"SCAN p", "SCAN c", "SCAN t", "SCAN main.p", "SCAN main.c"}, plan
