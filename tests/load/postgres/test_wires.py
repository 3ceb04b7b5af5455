"""Production's wires stay in production; what cannot come is said."""

import pytest

from masker.catalog import TableName
from masker.engines.postgres import schema
from masker.engines.postgres.session import Side
from masker.engines.postgres.tools import Tools
from tests.load.postgres.road import dump_schema, opened, refresh, road

WIRES = """
CREATE TABLE t (a int);
CREATE FOREIGN DATA WRAPPER far_wrapper; CREATE SERVER far FOREIGN DATA WRAPPER far_wrapper OPTIONS (host 'h-9c1');
CREATE USER MAPPING FOR postgres SERVER far OPTIONS (user 'u', password 'p-mapping-9c1');
CREATE FOREIGN TABLE ft (a int) SERVER far; CREATE VIEW over_ft AS SELECT * FROM ft;
CREATE VIEW over_both AS SELECT o.a FROM over_ft o JOIN t ON true;
CREATE SUBSCRIPTION sub_x CONNECTION 'host=h-9c1 password=p-subscription-9c1' PUBLICATION q WITH (connect = false);
CREATE PUBLICATION pub_x FOR ALL TABLES;
CREATE FUNCTION on_ddl() RETURNS event_trigger LANGUAGE plpgsql AS 'BEGIN END';
CREATE EVENT TRIGGER on_any_ddl ON ddl_command_start EXECUTE FUNCTION on_ddl()
"""


@pytest.fixture
def wired(production, fresh_database):
    url = fresh_database(production)
    name = url.rpartition("/")[2]
    for statement in WIRES.strip().split(";\n"):
        production.sql(statement, database=name)
    yield url
    production.sql(
        "ALTER SUBSCRIPTION sub_x SET (slot_name = NONE); DROP SUBSCRIPTION sub_x", database=name
    )


def test_no_wire_arrives_anywhere(
    wired, production, staging, fresh_database, tmp_path, monkeypatch
):
    for name in ("TMPDIR", "HOME"):
        monkeypatch.setenv(name, str(tmp_path))
    monkeypatch.chdir(tmp_path)
    target = fresh_database(staging, "wires")
    way = refresh(wired, target, keep_previous=False)
    dumped = dump_schema(staging, target)
    assert "9c1" not in dumped
    for word in ("SERVER", "FOREIGN", "SUBSCRIPTION", "PUBLICATION", "EVENT TRIGGER", "over_"):
        assert word not in dumped
    assert "CREATE TABLE public.t " in dumped
    name = target.rpartition("/")[2]
    for catalog in ("pg_user_mapping", "pg_foreign_server", "pg_subscription", "pg_event_trigger"):
        assert staging.sql(f"SELECT count(*) FROM {catalog}", database=name) == "0"
    told = {finding.subject for finding in way.found if finding.code.endswith("left-out")}
    assert {"subscription sub_x", "publication pub_x", "server far", "event trigger on_any_ddl",
            "foreign table public.ft", "view public.over_ft", "view public.over_both"} <= told  # fmt: skip
    assert "9c1" not in "".join(str(finding) for finding in way.found)
    assert [path for path in tmp_path.rglob("*") if path.is_file()] == []


def test_a_policy_of_a_missing_role_is_left_out(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging)
    production.sql(
        """DO $$BEGIN CREATE ROLE only_there; EXCEPTION WHEN duplicate_object THEN END$$;
        CREATE TABLE "T t" (a int); ALTER TABLE "T t" ENABLE ROW LEVEL SECURITY;
        CREATE POLICY everybody ON "T t" USING (true);
        CREATE POLICY special ON "T t" TO only_there, postgres USING (a > 1);
        COMMENT ON POLICY special ON "T t" IS 'x'""",
        database=source.rpartition("/")[2],
    )
    with road(source, target, keep_previous=False) as way:
        way.load()
        way.publish()
    assert [f.id for f in way.found.blocking] == ["policy-role-missing:public.T t special"]
    name = target.rpartition("/")[2]
    assert staging.sql("SELECT polname FROM pg_policy", database=name) == "everybody"
    assert (
        staging.sql("SELECT relrowsecurity FROM pg_class WHERE relname = 'T t'", database=name)
        == "t"
    )


def test_what_refers_to_an_excluded_table_is_left_out(production, staging, fresh_database):
    source, target = fresh_database(production), fresh_database(staging)
    production.sql(
        """CREATE TABLE "Big one" (id int PRIMARY KEY); CREATE TABLE t (id int REFERENCES "Big one");
        CREATE VIEW v AS SELECT * FROM "Big one"; CREATE VIEW vv AS SELECT * FROM v;
        CREATE TABLE big (a int)""",
        database=source.rpartition("/")[2],
    )
    way = refresh(source, target, exclude=frozenset({"Big one"}), keep_previous=False)
    left = {finding.subject for finding in way.found}
    assert left == {"fk constraint public.t t_id_fkey", "view public.v", "view public.vv"}
    tables = "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace ORDER BY 1"
    assert staging.sql(tables, database=target.rpartition("/")[2]).splitlines() == ["big", "t"]


def test_named_schemas_only_and_their_extensions(production, fresh_database):
    source = fresh_database(production)
    production.sql(
        """CREATE SCHEMA "In"; CREATE SCHEMA out; CREATE SCHEMA ext; CREATE EXTENSION vector SCHEMA ext;
        CREATE TABLE out.p (id int PRIMARY KEY); CREATE TABLE "In".t (id int REFERENCES out.p, e ext.vector(2))""",
        database=source.rpartition("/")[2],
    )
    with opened(source, Side.SOURCE) as session:
        made = schema.dump(session, tools=Tools.find(18), schemas=["In"])
    kinds = {(entry.kind, entry.name) for entry in (*made.before, *made.after)}
    assert ("TABLE", "t") in kinds
    assert ("EXTENSION", "vector") in kinds
    assert ("TABLE", "p") not in kinds
    assert [f.subject for f in made.findings] == ["fk constraint In.t t_id_fkey"]


def test_the_dump_is_of_the_exported_snapshot(production, fresh_database):
    source = fresh_database(production)
    name = source.rpartition("/")[2]
    with opened(source, Side.SOURCE) as session:
        session.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
        snapshot = session.one("SELECT pg_export_snapshot()")
        production.sql("CREATE TABLE later (a int)", database=name)
        made = schema.dump(
            session, tools=Tools.find(18), snapshot=snapshot, exclude=[TableName("public", "no")]
        )
        session.rollback()
    assert made.before == ()
