import json
import time

import pytest

from masker.catalog import Catalog, Kind, TableName
from masker.catalog.graph import Graph
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError
from masker.snapshots.facts import as_facts, of_facts
from tests.servers import Server

NASTY = "nasty.sql"


def catalog_of(url, **options):
    with Session.open(Address.parse(url), side=Side.SOURCE) as session:
        return read_catalog(session, **options)


@pytest.fixture(scope="module")
def nasty(production, lasting_database, request):
    url = lasting_database(production, "nasty")
    database = url.rsplit("/", 1)[1]
    production.psql_file(request.path.parent / NASTY, database=database)
    return catalog_of(url)


def table(catalog, name, schema="public"):
    return catalog.table(TableName(schema, name))


# -- columns and types ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "facts"),
    [
        ("Kunden Nr", {"identity": "always", "nullable": False}),
        ("Name", {"nullable": False, "comment": "a name"}),
        ("doubled", {"generated": True}),
        ("mood", {"default": "'{}'::public.mood[]"}),
        ("code", {"checks": ("CHECK ((code ~ '^[A-Z]'::text))",)}),
    ],
)
def test_columns_carry_their_facts(nasty, column, facts):
    read = table(nasty, "Kunde-Straße", "Vertrieb").column(column)
    assert {name: getattr(read, name) for name in facts} == facts


@pytest.mark.parametrize(
    ("column", "facts"),
    [
        ("Kunden Nr", {"base": "int8", "kind": Kind.INTEGER, "domain": None}),
        (
            "Name",
            {"base": "varchar", "kind": Kind.TEXT, "length": 40, "domain": "public.short_length"},
        ),
        ("home", {"kind": Kind.COMPOSITE, "name": "public.place"}),
        ("grade", {"kind": Kind.DECIMAL, "precision": 3, "scale": -2}),
        ("code", {"base": "bpchar", "length": 4, "name": "character(4)"}),
        ("total", {"base": "numeric", "precision": 12, "scale": 2, "domain": "public.amount"}),
        ("mood", {"kind": Kind.ARRAY, "base": "_mood", "labels": ()}),
    ],
)
def test_types_are_resolved_through_domains(nasty, column, facts):
    read = table(nasty, "Kunde-Straße", "Vertrieb").column(column).type
    assert {name: getattr(read, name) for name in facts} == facts


def test_an_array_knows_its_element(nasty):
    element = table(nasty, "Kunde-Straße", "Vertrieb").column("mood").type.element
    assert (element.kind, element.labels) == (Kind.ENUM, ("sad", "it's fine", "froh"))


def test_a_domain_gives_its_checks_and_those_below_it(nasty):
    checks = table(nasty, "Kunde-Straße", "Vertrieb").column("Name").checks
    assert len(checks) == 2
    assert all("VALUE" in check for check in checks)


def test_a_column_knows_the_sequence_it_draws_from(nasty):
    assert table(nasty, "counted", "archive").column("id").sequence == TableName(
        "archive", "shared"
    )
    assert table(nasty, "event_rest").column("id").sequence == TableName("public", "event_id_seq")


def test_columns_that_fold_case_are_seen(packaged, fresh_database):
    url = fresh_database(packaged)
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        session.execute(
            "CREATE EXTENSION citext SCHEMA public;"
            "CREATE COLLATION public.ci (provider = icu, locale = 'und-u-ks-level2', "
            "deterministic = false);"
            "CREATE TABLE public.t (a text COLLATE public.ci, b public.citext, c text)"
        )
        read = read_catalog(session)
    columns = {column.name: column.type for column in table(read, "t").columns}
    assert {name: found.case_insensitive for name, found in columns.items()} == {
        "a": True,
        "b": True,
        "c": False,
    }
    assert columns["b"].kind is Kind.TEXT


# -- what holds between columns --------------------------------------------------------------------


def test_keys_say_what_kind_they_are(nasty):
    keys = {key.name: key for key in table(nasty, "Kunde-Straße", "Vertrieb").keys}
    assert keys["Kunde-Straße_pkey"].primary
    assert keys["by_lower"].expression
    assert set(keys["by_lower"].columns) == {"Name", "code"}  # what is INCLUDEd is no key
    assert keys["only_living"].partial
    assert table(nasty, "account", "archive").keys[0].deferrable


def test_foreign_keys_of_one_name_in_two_tables_stay_apart(nasty):
    named = [key for found in nasty.tables for key in found.foreign_keys if key.name == "same_name"]
    assert {(str(key.table), str(key.parent)) for key in named} == {
        ("public.account", "public.tenant"),
        ("archive.account", "public.account"),
    }
    assert {key.validated for key in named} == {True, False}


def test_a_composite_foreign_key_pairs_columns_in_its_own_order(nasty):
    key = table(nasty, "account", "archive").foreign_keys[0]
    assert (key.columns, key.parent_columns) == (("id", "tenant_id"), ("id", "tenant_id"))
    itself = next(key for key in table(nasty, "account").foreign_keys if key.deferrable)
    assert (itself.table, itself.columns) == (itself.parent, ("tenant_id", "boss_id"))


def test_checks_and_exclusions_name_their_columns(nasty):
    checks = {check.name: check for check in table(nasty, "Kunde-Straße", "Vertrieb").checks}
    assert checks["Kunde-Straße_check"].columns == ("born", "left_on")
    (exclusion,) = table(nasty, "booking").checks
    assert (exclusion.exclusion, exclusion.columns) == (True, ("during",))


def test_triggers_say_when_they_fire(nasty):
    (fires,) = table(nasty, "event_2024_click").triggers
    assert (fires.before_insert, fires.function) == (True, "public.noop")
    assert not table(nasty, "tenant").triggers[0].before_insert


# -- partitions and inheritance --------------------------------------------------------------------


def test_partitions_of_partitions(nasty):
    root, middle = table(nasty, "event"), table(nasty, "event_2024")
    leaf = table(nasty, "event_2024_click")
    assert (root.partitioning.strategy, root.partitioning.columns) == ("range", ("at",))
    assert (middle.parent, middle.partitioning.strategy) == (root.name, "list")
    assert (leaf.parent, leaf.bound) == (middle.name, "FOR VALUES IN ('click')")
    assert [found.holds_rows for found in (root, middle, leaf)] == [False, False, True]
    assert table(nasty, "hashed").partitioning.columns == ("id", "day")  # day by expression


def test_foreign_keys_of_partitions(nasty):
    def of(name):
        return {key.name: key.inherited for key in table(nasty, name).foreign_keys}

    assert of("event") == {"event_tenant_id_fkey": False}
    assert of("event_rest") == {"event_tenant_id_fkey": True, "only_here": False}
    assert len(of("event_note")) == 1  # not once more for every partition it may point to


def test_a_partitioned_table_sums_its_partitions(production, fresh_database):
    url = fresh_database(production)
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        session.execute(
            "CREATE TABLE public.p (id int) PARTITION BY RANGE (id);"
            "CREATE TABLE public.p1 PARTITION OF public.p FOR VALUES FROM (0) TO (1000);"
            "CREATE TABLE public.p2 PARTITION OF public.p DEFAULT;"
            "INSERT INTO public.p SELECT generate_series(0, 4999)"
        )
        unknown = read_catalog(session)
        session.execute("ANALYZE public.p1, public.p2")
        known = read_catalog(session)
    assert table(unknown, "p").rows is None
    assert [table(known, name).rows for name in ("p", "p1", "p2")] == [5000, 1000, 4000]
    assert table(known, "p").pages == table(known, "p1").pages + table(known, "p2").pages > 0


def test_inheritance_from_two_parents(nasty):
    dog = table(nasty, "dog")
    assert [parent.name for parent in dog.parents] == ["animal", "pet"]
    assert (dog.parent.name, dog.is_partition, dog.holds_rows) == ("animal", False, True)


def test_a_table_without_columns(nasty):
    assert (table(nasty, "nothing").columns, table(nasty, "nothing").readable) == ((), True)


# -- views, sequences, wires -----------------------------------------------------------------------


def test_views_say_what_they_read(nasty):
    views = {str(view.name): view for view in nasty.views}
    plain, stored = views["public.names"], views["archive.names"]
    assert plain.reads == (TableName("Vertrieb", "Kunde-Straße"),)
    assert stored.reads == (plain.name, TableName("public", "tenant"))
    assert (stored.materialised, stored.populated) == (True, False)
    assert [column.name for column in stored.columns] == ["Name", "id"]


def test_sequences_say_where_they_stand(nasty):
    stands = {s.name.name: (s.last_value, s.is_called, s.increment) for s in nasty.sequences}
    assert stands["free"] == (7, False, 5)
    assert stands["shared"] == (41, True, 1)
    owner = {s.name.name: s.owner for s in nasty.sequences}
    assert owner["event_id_seq"] == (TableName("public", "event"), "id")


def test_wires_are_named_without_their_secrets(nasty):
    assert nasty.wires == (
        ("event trigger", "watch"),
        ("foreign server", "elsewhere"),
        ("foreign table", "public.remote"),
        ("publication", "everything"),
        ("subscription", "theirs"),
        ("user mapping", "postgres@elsewhere"),
    )
    assert "wire-secret" not in repr(nasty)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ("comment on index public.tenant_pkey", "words on an index"),
        ("comment on function public.noop()", "words on a function"),
        ("comment on schema archive", "words on a schema"),
        ("comment on constraint only_here on table public.event_rest", "words on a constraint"),
        ("policy theirs on table public.tenant", "words in a policy"),
        ("function public.told(text)", "words in an argument"),
        ("function public.told(text)", "words in a body"),
        ("rule never on table public.pet", "words in a rule"),
        ("type archive.unused", "words in a domain"),
        ("type public.mood", "it's fine"),
        ('index "Vertrieb".only_living', "left_on IS NULL"),
    ],
)
def test_words_that_people_wrote_are_found_wherever_they_stand(nasty, place, words):
    assert any(words in text for where, text in nasty.texts if where == place)


def test_words_of_extensions_are_not_peoples(production, fresh_database):
    url = fresh_database(production)
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        session.execute("CREATE EXTENSION vector SCHEMA public")
        assert read_catalog(session).texts == ()


# -- the whole -------------------------------------------------------------------------------------


def test_the_order_of_a_nasty_schema(nasty):
    order = [str(name) for name in Graph(nasty).order()]
    for parent, child in [
        ("public.tenant", "public.account"),
        ("public.account", "archive.account"),
        ("public.event_2024_click", "public.event_note"),
        ("public.hen", "public.event_rest"),
    ]:
        assert order.index(parent) < order.index(child)
    assert abs(order.index("public.hen") - order.index("public.egg")) == 1


def test_a_catalog_survives_json(nasty):
    assert of_facts(Catalog, json.loads(json.dumps(as_facts(nasty)))) == nasty


def test_only_the_schemas_asked_for(production, fresh_database, chinook):
    url = fresh_database(production, template=chinook)
    assert {found.name.schema for found in catalog_of(url, schemas=["public"]).tables} == {"public"}
    with pytest.raises(ConfigError, match="no schema `pubic`") as caught:
        catalog_of(url, schemas=["pubic"])
    assert "did you mean `public`" in str(caught.value)


def test_pagila(production, fresh_database, pagila):
    read = catalog_of(fresh_database(production, template=pagila))
    partitions = [found for found in read.tables if found.is_partition]
    assert len(read.tables) == 24
    assert len(partitions) == 7
    assert table(read, "payment").foreign_keys == ()
    assert {key.parent.name for key in partitions[0].foreign_keys} == {
        "customer",
        "rental",
        "staff",
    }
    assert table(read, "film").column("release_year").type.domain == "public.year"
    assert table(read, "film").column("rating").type.labels == ("G", "PG", "PG-13", "R", "NC-17")
    assert table(read, "film").column("special_features").type.element.kind is Kind.TEXT
    assert table(read, "film").triggers[0].before_insert
    followers = Graph(read).followers(TableName("public", "customer"), ["customer_id"])
    assert {name.name for name, _ in followers} == {
        "rental",
        "payment",
        *(found.name.name for found in partitions),
    }


def test_chinook(production, fresh_database, chinook):
    read = catalog_of(fresh_database(production, template=chinook))
    assert len(read.tables) == 11
    (boss,) = table(read, "employee").foreign_keys
    assert boss.parent == boss.table
    assert table(read, "customer").column("email").type.length == 60
    assert table(read, "playlist_track").primary_key.columns == ("playlist_id", "track_id")


def test_hr(production, fresh_database, hr):
    read = catalog_of(fresh_database(production, template=hr))
    graph = Graph(read)
    departments, employees = (TableName("public", n) for n in ("departments", "employees"))
    assert employees in graph.closure([departments])
    assert departments in graph.closure([employees])
    assert {s.name.name: s.last_value for s in read.sequences}["employees_seq"] == 207


def test_an_older_server_tells_the_same(nasty, request):
    with Server.start(major=16) as older:
        older.create_database("nasty")
        older.psql_file(request.path.parent / NASTY, database="nasty")
        read = catalog_of(older.url("nasty"))
    assert read.version.startswith("16.")
    for newer, found in zip(nasty.tables, read.tables, strict=True):
        assert found == newer


def test_fourteen_hundred_tables_take_seconds(production, fresh_database):
    url = fresh_database(production)
    with Session.open(Address.parse(url), side=Side.TARGET) as session:
        session.execute(
            "DO $$ BEGIN FOR i IN 1..1400 LOOP EXECUTE format('CREATE TABLE public.t%s ("
            "id serial PRIMARY KEY, a text NOT NULL, b varchar(40), c numeric(10,2) CHECK (c > 0),"
            "d date, e jsonb, f text UNIQUE, up int REFERENCES public.t%s)', i, greatest(i-1, 1)); "
            "IF i % 200 = 0 THEN COMMIT; END IF; END LOOP; END $$"
        )
        began = time.monotonic()
        read = read_catalog(session)
        order = Graph(read).order()
        took = time.monotonic() - began
    assert len(read.tables) == 1400
    assert order[0].name == "t1"
    assert order[-1].name == "t1400"
    assert took < 10
