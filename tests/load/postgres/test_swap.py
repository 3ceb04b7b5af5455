"""The whole way beside the target and into its place, on real servers."""

import pytest

from masker.engines.marker import LOADING, PUBLISHED
from masker.engines.postgres import databases, marker
from masker.engines.postgres.session import Side
from masker.errors import CollisionError, ConfigError, DataError
from tests.load.postgres.road import dump_schema, opened, plan_of, refresh, road


def counts(server, url):
    with opened(url, Side.SOURCE) as session:
        plan = plan_of(session)
        return {
            str(step.table): session.one(
                f'SELECT count(*) FROM "{step.table.schema}"."{step.table.name}"'
            )
            for step in plan.steps
        }


@pytest.mark.parametrize(
    "sample",
    ["pagila", *(pytest.param(name, marks=pytest.mark.long) for name in ("chinook", "hr"))],
)
def test_a_sample_arrives_whole(production, staging, fresh_database, request, sample):
    source = fresh_database(production, template=request.getfixturevalue(sample))
    target = fresh_database(staging, "target")
    name = target.rpartition("/")[2]
    recompute = frozenset()
    if sample == "pagila":
        recompute = frozenset({("film", "fulltext")})
        fill = "REFRESH MATERIALIZED VIEW rental_by_category"
        production.sql(fill, database=source.rpartition("/")[2])
    way = refresh(source, target, recompute=recompute)
    assert dump_schema(staging, target) == dump_schema(production, source)
    assert counts(staging, target) == counts(production, source)
    invalid = "SELECT count(*) FROM pg_constraint WHERE NOT convalidated"
    assert staging.sql(invalid, database=name) == "0"
    if sample == "pagila":
        assert staging.sql("SELECT count(*) FROM rental_by_category", database=name) != "0"
        assert staging.sql("SELECT count(*) FROM film WHERE fulltext IS NULL", database=name) == "0"
        last = "SELECT last_value, is_called FROM public.film_film_id_seq"
        at = source.rpartition("/")[2]
        assert staging.sql(last, database=name) == production.sql(last, database=at)
        assert int(
            staging.sql("SELECT count(*) FROM pg_stats WHERE tablename = 'film'", database=name)
        )
    assert not way.found.blocking
    staging.drop_database(f"{name}_masker_previous")


def test_a_target_that_does_not_exist_is_made(production, staging, fresh_database):
    source = fresh_database(production)
    production.sql("CREATE TABLE t (a int)", database=source.rpartition("/")[2])
    refresh(source, staging.url("brand_new"))
    assert staging.sql("SELECT count(*) FROM t", database="brand_new") == "0"
    assert staging.sql("SELECT datname FROM pg_database WHERE datname LIKE 'brand_new_%'") == ""
    staging.drop_database("brand_new")


def test_a_failure_leaves_the_target_and_nothing_beside_it(production, staging, fresh_database):
    source = fresh_database(production)
    production.sql(
        "CREATE TABLE t (a text CONSTRAINT t_key UNIQUE)",
        database=source.rpartition("/")[2],
    )
    target = fresh_database(staging, "target")
    name = target.rpartition("/")[2]
    staging.sql("CREATE TABLE old (a int)", database=name)
    with pytest.raises(CollisionError) as caught, road(source, target) as way:
        way.prepare()
        with way.swap.open() as writer:
            writer.execute("INSERT INTO public.t VALUES ('canary'), ('canary')")
        way.swap.finish()
    assert "t_key" in str(caught.value)
    assert "public.t" in str(caught.value)
    assert "canary" not in str(caught.value)
    assert staging.sql("SELECT count(*) FROM old", database=name) == "0"
    assert staging.sql(f"SELECT datname FROM pg_database WHERE datname LIKE '{name}\\_%'") == ""


def test_unpublished_rows_are_closed_to_others(production, staging, fresh_database, loader):
    source = fresh_database(production)
    with road(source, loader("closed")) as way:
        way.prepare()
        way.swap.finish()
        query = f"SELECT has_database_privilege('pg_monitor', '{way.swap.aside}', 'CONNECT')"
        assert staging.sql(query) == "f"
        way.publish()
    assert staging.sql("SELECT has_database_privilege('pg_monitor', 'closed', 'CONNECT')") == "t"


def test_the_marker_tells_the_run(production, staging, fresh_database, loader):
    source = fresh_database(production)
    with road(source, loader("marked")) as way:
        way.prepare()
        comment = databases.read(way.maintenance, way.swap.aside).comment
        assert marker.part(comment)[1].state == LOADING
        way.swap.finish()
        way.publish()
        comment = databases.read(way.maintenance, "marked").comment
        assert marker.part(comment)[1].state == PUBLISHED
        assert marker.part(comment)[1].ledger == "head"


def test_schema_keep_uses_the_targets_own(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging, "target")
    name = target.rpartition("/")[2]
    production.sql(
        "CREATE TABLE t (a int PRIMARY KEY, b text); INSERT INTO t VALUES (1, 'x')",
        database=source.rpartition("/")[2],
    )
    staging.sql("CREATE TABLE t (b text, a int, c int DEFAULT 4)", database=name)
    way = refresh(source, target, keep_schema=True, keep_previous=False)
    assert staging.sql("SELECT * FROM t", database=name) == "x|1|4"
    assert "column-empty" in way.codes()


@pytest.mark.parametrize(
    ("table", "code"),
    [
        pytest.param(
            "CREATE TABLE other (a int)", "table-missing", id="table", marks=pytest.mark.long
        ),
        pytest.param("CREATE TABLE t (a int)", "column-missing", id="column"),
        pytest.param(
            "CREATE TABLE t (a int, b text, c int NOT NULL)", "column-without-value", id="needed"
        ),
        pytest.param(
            "CREATE TABLE t (a int, b text GENERATED ALWAYS AS ('x') STORED)",
            "column-generated",
            id="generated",
        ),
    ],
)
def test_schema_keep_reports_what_does_not_fit(production, staging, fresh_database, table, code):
    source, target = fresh_database(production), fresh_database(staging, "target")
    production.sql("CREATE TABLE t (a int, b text)", database=source.rpartition("/")[2])
    staging.sql(table, database=target.rpartition("/")[2])
    with pytest.raises(ConfigError) as caught, road(source, target, keep_schema=True) as way:
        way.prepare()
    assert code in {finding.code for finding in caught.value.findings}


def test_a_recomputed_column_is_filled_by_an_update_trigger(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging, "target")
    production.sql(
        """CREATE TABLE t (a int PRIMARY KEY, b text NOT NULL);
        CREATE TABLE log (a int);
        CREATE FUNCTION calc() RETURNS trigger LANGUAGE plpgsql AS
          $$BEGIN NEW.b := 'computed ' || NEW.a; RETURN NEW; END$$;
        CREATE FUNCTION loud() RETURNS trigger LANGUAGE plpgsql AS
          $$BEGIN INSERT INTO log VALUES (NEW.a); RETURN NEW; END$$;
        INSERT INTO t VALUES (1, 'one');
        CREATE TRIGGER calc_b BEFORE UPDATE ON t FOR EACH ROW EXECUTE FUNCTION calc();
        CREATE TRIGGER loud AFTER INSERT OR UPDATE ON t FOR EACH ROW EXECUTE FUNCTION loud()""",
        database=source.rpartition("/")[2],
    )
    refresh(source, target, recompute=frozenset({("t", "b")}), keep_previous=False)
    name = target.rpartition("/")[2]
    assert staging.sql("SELECT * FROM t", database=name) == "1|computed 1"
    assert staging.sql("SELECT count(*) FROM log", database=name) == "0"
    assert dump_schema(staging, target) == dump_schema(production, source)


def test_a_recomputed_column_of_a_partition(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging, "target")
    production.sql(
        """CREATE TABLE "Root" (a int, body text, words tsvector NOT NULL) PARTITION BY RANGE (a);
        CREATE TABLE leaf PARTITION OF "Root" FOR VALUES FROM (0) TO (9);
        CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON "Root" FOR EACH ROW
          EXECUTE FUNCTION tsvector_update_trigger('words', 'pg_catalog.simple', 'body');
        INSERT INTO "Root" VALUES (1, 'one word')""",
        database=source.rpartition("/")[2],
    )
    refresh(source, target, recompute=frozenset({("leaf", "words")}), keep_previous=False)
    name = target.rpartition("/")[2]
    assert staging.sql('SELECT words FROM "Root"', database=name) == "'one':1 'word':2"
    assert dump_schema(staging, target) == dump_schema(production, source)


def test_a_recomputed_column_without_a_trigger_is_refused(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging, "target")
    production.sql("CREATE TABLE t (a int, b text)", database=source.rpartition("/")[2])
    with pytest.raises(ConfigError) as caught, road(source, target, recompute={("t", "b")}) as way:
        way.prepare()
    assert "recompute-without-trigger" in str(caught.value)


def test_a_constraint_that_fails_is_named(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging, "target")
    production.sql(
        """CREATE TABLE parent (id int PRIMARY KEY);
        CREATE TABLE child (parent int CONSTRAINT to_parent REFERENCES parent)""",
        database=source.rpartition("/")[2],
    )
    with pytest.raises(DataError, match="to_parent"), road(source, target) as way:
        way.prepare()
        with way.swap.open() as writer:
            writer.execute("INSERT INTO public.child VALUES (7)")
        way.swap.finish()
