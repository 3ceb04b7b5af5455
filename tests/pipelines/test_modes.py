"""Targets that are loaded themselves: replaced, added to, updated, each in one transaction."""

import itertools
import os
import signal
import subprocess
import sys

import psycopg
import pytest

from masker.engines.marker import PUBLISHED, SHARED
from masker.engines.postgres import marker
from masker.errors import (
    CollisionError,
    ConfigError,
    DataError,
    LeakError,
    TryAgainError,
    UnsafeError,
)
from masker.load.postgres.transaction import Transaction
from masker.pipelines.planning import make_plan_of
from masker.pipelines.rollback import rollback
from masker.plan.render import as_json, as_text
from tests.pipelines.in_place import OLD, OWN, ROWS, SCHEMA, World
from tests.pipelines.refreshes import KEY, POLICIES, digests, refresh

LONG = pytest.mark.long
_numbers = itertools.count(1)
CHANGED = "UPDATE people SET email = upper(email) WHERE id = 7"
GONE = "DELETE FROM seats WHERE room = 1"
PEOPLE = "SELECT id, team, boss, email, phone, shout FROM people ORDER BY id"
# Rows of the target that no row of the source meets.
APART = """
DELETE FROM badges; DELETE FROM visits; DELETE FROM seats WHERE person = 1;
SET session_replication_role = replica;
DELETE FROM people WHERE id = 1; DELETE FROM teams WHERE id = 1;
UPDATE teams SET lead = 100 WHERE id = 9;
SET session_replication_role = origin;
REFRESH MATERIALIZED VIEW contacts;
"""


@pytest.fixture(scope="module")
def templates(production, staging, lasting_database, tmp_path_factory):
    """The source and the target that each test gets copies of."""
    made = World(
        lasting_database(production, "shop"),
        lasting_database(staging, "shop"),
        tmp_path_factory.mktemp("templates"),
    )
    made.at_source(SCHEMA + ROWS)
    made.at_target(SCHEMA + OWN + OLD)
    return [url.rpartition("/")[2] for url in (made.source, made.target)]


@pytest.fixture
def world(production, staging, fresh_database, tmp_path, templates):
    source, target = templates
    return World(
        fresh_database(production, "shop", template=source),
        fresh_database(staging, "shop", template=target),
        tmp_path,
    )


@pytest.fixture
def owned(world, staging):
    """The same, loaded by a role that owns the target and is nobody else."""
    name, database = f"plain_{next(_numbers)}", world.target.rpartition("/")[2]
    staging.sql(f"CREATE ROLE {name} LOGIN PASSWORD 'secret'")
    staging.sql(f"ALTER DATABASE {database} OWNER TO {name}")
    tables = ["teams", "people", "seats", "visits", "visits_2024", "visits_2025", "badges"]
    world.at_target(
        "; ".join(f"ALTER TABLE {table} OWNER TO {name}" for table in tables)
        + f"; ALTER MATERIALIZED VIEW contacts OWNER TO {name}; "
        f"ALTER SEQUENCE tickets OWNER TO {name}; GRANT ALL ON SCHEMA public TO {name}"
    )
    world.loader = staging.url(database, user=name, password="secret")
    world.role = name
    yield world
    staging.drop_database(database)
    staging.sql(f"DROP OWNED BY {name}; DROP ROLE {name}")
    staging.create_database(database)


@pytest.fixture(params=["superuser", "owner"])
def either(request):
    """A target loaded by either role: foreign keys are silent, or dropped meanwhile."""
    return request.getfixturevalue("world" if request.param == "superuser" else "owned")


def codes(failure):
    return {finding.code for finding in failure.value.findings}


def noted(run):
    return {finding.code for finding in run.findings}


def mark_of(world):
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = {}"
    ((comment,),) = world.at_target(query.format("current_database()"))
    return marker.part(comment)[1]


@pytest.mark.parametrize(
    ("either", "clear"),
    [
        ("superuser", "delete"),
        ("owner", "truncate"),
        pytest.param("superuser", "truncate", marks=LONG),
        pytest.param("owner", "delete", marks=LONG),
    ],
    indirect=["either"],
)
def test_replace_fills_the_targets_own_tables(either, clear):
    before = either.everything()
    done = either.run("replace", more=f", clear: {clear}", workers=3)
    after = either.everything()
    assert done.outcome == "published"
    assert "one-lane" in noted(done)
    for kept in ("constraints", "triggers", "badges"):
        assert after[kept] == before[kept]
    for table in ("teams", "seats", "visits"):  # the trigger would have changed teams
        assert after[table] == sorted(either.at_source(f"SELECT * FROM {table}"), key=repr)
    masked, original = either.at_target(PEOPLE), either.at_source(PEOPLE)
    assert [row[:3] for row in masked] == [row[:3] for row in original]
    assert not {row[3] for row in masked} & {row[3] for row in original}
    assert [row[5] for row in masked] == [row[3].upper() for row in masked]
    assert {mail for _, mail in after["contacts"]} == {row[3] for row in masked}
    # Never back: the target's own numbers go on where they are ahead of the source's.
    assert either.at_target("SELECT nextval('tickets'), nextval('people_id_seq')") == [(78, 101)]
    assert mark_of(either).state == SHARED
    assert ("readers-wait" in noted(done)) == (bool(either.loader) or clear == "truncate")


@pytest.mark.parametrize("mode", ["replace", pytest.param("append", marks=LONG), "upsert"])
def test_readers_see_the_old_rows_until_the_commit(world, monkeypatch, mode):
    if mode == "append":
        world.at_target(APART)
    before, seen = world.everything(), []
    publish = Transaction.publish

    def look(self, **options):
        with psycopg.connect(world.target, options="-c statement_timeout=5s") as session:
            seen.append(session.execute(PEOPLE).fetchall())
            with pytest.raises(psycopg.errors.LockNotAvailable):
                session.execute("SET LOCAL lock_timeout = 1")
                session.execute("UPDATE teams SET name = 'theirs'")
        return publish(self, **options)

    monkeypatch.setattr(Transaction, "publish", look)
    world.run(mode)
    assert [sorted(rows, key=repr) for rows in seen] == [before["people"]]
    assert world.everything()["people"] != before["people"]


@pytest.mark.parametrize(
    ("either", "mode"),
    [
        ("superuser", "replace"),
        ("owner", "upsert"),
        pytest.param("superuser", "upsert", marks=LONG),
        pytest.param("owner", "replace", marks=LONG),
    ],
    indirect=["either"],
)
def test_a_foreign_key_that_would_break_changes_nothing(either, mode):
    """Of a table outside of the plan, to a row that the source does not have."""
    if mode == "replace":
        either.at_target("INSERT INTO badges VALUES (2, 100, 'staging')")
    else:
        either.at_source("SET session_replication_role = replica; "
                         "UPDATE teams SET lead = 77 WHERE id = 3")  # fmt: skip
        either.at_source("ALTER TABLE teams DROP CONSTRAINT teams_lead")
    before = either.everything()
    with pytest.raises(DataError) as failure:
        either.run(mode)
    assert failure.value.exit_code == 5
    assert failure.value.code == "foreign-key-broken"
    name = "badges_person_fkey" if mode == "replace" else "teams_lead"
    assert name in failure.value.message
    assert either.everything() == before


def test_a_leak_changes_nothing(owned):
    before = owned.everything()
    (owned.folder / "after.sql").write_text(
        "INSERT INTO badges VALUES (7, 7, 'for Anna.Kranz7@web.de');"
    )
    with pytest.raises(LeakError):
        owned.run("replace", rest="after: ./after.sql")
    assert owned.everything() == before


def test_statements_run_inside_and_are_searched(world):
    (world.folder / "after.sql").write_text(
        "UPDATE people SET email = 'tester@staging.test', phone = E'\\\\n' WHERE id = 1;\n"
        "DO $$ BEGIN INSERT INTO badges VALUES (8, 8, '100 %');\n"
        "EXCEPTION WHEN division_by_zero THEN NULL; END $$; SET DateStyle = 'German, DMY';\n"
    )
    assert world.run("replace", rest="after: ./after.sql").outcome == "published"
    assert world.at_target("SELECT email, phone FROM people WHERE id = 1") == [
        ("tester@staging.test", "\\n")
    ]
    assert ("tester@staging.test",) in world.at_target("SELECT email FROM contacts")
    assert world.at_target("SELECT owner FROM badges WHERE id = 8") == [("100 %",)]


@pytest.mark.parametrize(
    ("text", "line"),
    [
        pytest.param("UPDATE teams SET name = 'x';\nCOMMIT;", "", id="ends the transaction"),
        pytest.param("SELECT 1;\nSELEKT 2;", ", line 2", id="is no SQL"),
        pytest.param("INSERT INTO badges VALUES (3, 4711, 'x')", "", id="breaks a foreign key"),
    ],
)
def test_statements_that_fail_change_nothing(world, text, line):
    before = world.everything()
    (world.folder / "after.sql").write_text(text)
    with pytest.raises((ConfigError, DataError)) as failure:
        world.run("replace", rest="after: ./after.sql")
    assert f"`./after.sql`{line}" in failure.value.message
    assert world.everything() == before


KILLED = """
import os, signal, sys
from masker.load.postgres.transaction import Transaction
from masker.pipelines.run import run
whole = getattr(Transaction, sys.argv[1])
def strike(self, *args, **options):
    os.kill(os.getpid(), signal.SIGKILL)
setattr(Transaction, sys.argv[1], strike)
run(sys.argv[2], records=sys.argv[3], environ=os.environ)
"""


@pytest.mark.parametrize("moment", [pytest.param("finish", marks=LONG), "publish"])
def test_a_killed_run_changes_nothing_and_the_next_one_goes(world, moment):
    before = world.everything()
    environ = {"SOURCE_URL": world.source, "TARGET_URL": world.target, "MASKER_KEY": KEY}
    records = world.folder / "records"
    done = subprocess.run(
        [sys.executable, "-c", KILLED, moment, str(world.pipeline("replace")), str(records)],
        env={**os.environ, **environ},
        check=False,
    )
    assert done.returncode == -signal.SIGKILL
    world.at_target("SELECT pg_sleep(0.2)")
    assert world.everything() == before
    assert world.run("replace").outcome == "published"


@pytest.mark.parametrize("either", ["superuser", pytest.param("owner", marks=LONG)], indirect=True)
def test_append_adds_rows_once(either):
    either.at_target(APART)
    before = either.everything()
    done = either.run("append")
    assert done.outcome == "published"
    assert done.audit.rows == sum(done.rows.values()) == 124
    after = either.everything()
    assert len(after["people"]) == 41
    assert set(before["people"]) < set(after["people"])
    assert after["constraints"] == before["constraints"]
    with pytest.raises(CollisionError) as failure:
        either.run("append")
    assert failure.value.exit_code == 5
    assert failure.value.code == "key-taken"
    assert {"public.people", "people_pkey"} <= set(failure.value.message.split("`"))
    assert "kranz" not in str(failure.value)
    assert either.everything() == after


@pytest.mark.parametrize("either", [pytest.param("superuser", marks=LONG), "owner"], indirect=True)
def test_upsert_updates_and_adds_and_can_be_repeated(either):
    own = either.at_target("SELECT * FROM people WHERE id = 100")
    assert either.run("upsert").outcome == "published"
    first = either.everything()
    assert len(first["people"]) == 41
    assert first["seats"] == sorted(
        [*either.at_source("SELECT * FROM seats"), (50, 1, 1, "mine"), (50, 2, 100, "mine too")],
        key=repr,
    )
    assert either.at_target("SELECT * FROM people WHERE id = 100") == own
    assert either.at_target("SELECT name, made FROM teams WHERE id = 1") == either.at_source(
        "SELECT name, made FROM teams WHERE id = 1"
    )
    done = either.run("upsert")
    second = either.everything()
    assert done.rows["public.people"] == 40
    assert {name: second[name] for name in second if name != "comment"} == {
        name: first[name] for name in first if name != "comment"
    }


def test_a_unique_value_of_another_row_stops_an_upsert(world):
    world.at_target("UPDATE seats SET label = 'seat 7' WHERE room = 50 AND place = 1")
    before = world.everything()
    with pytest.raises(CollisionError, match="seats_label"):
        world.run("upsert")
    assert world.everything() == before


@pytest.mark.parametrize(
    "mode", ["replace", pytest.param("append", marks=LONG), pytest.param("upsert", marks=LONG)]
)
def test_what_does_not_fit_is_told_before_anything_is_touched(world, mode, monkeypatch):
    world.at_target(
        "ALTER TABLE people DROP COLUMN phone; DROP TABLE seats; "
        "ALTER TABLE visits ADD COLUMN place text NOT NULL DEFAULT 'here'; "
        "ALTER TABLE visits ALTER COLUMN place DROP DEFAULT; "
        "ALTER TABLE teams DROP CONSTRAINT teams_lead"
    )
    monkeypatch.setattr(Transaction, "prepare", None)
    with pytest.raises(ConfigError) as failure:
        world.run(mode)
    assert codes(failure) >= {
        "column-missing",
        "table-missing",
        "column-without-value",
        "constraint-missing",
    }


@pytest.mark.parametrize(
    ("prepared", "code"),
    [
        pytest.param("ALTER TABLE badges OWNER TO postgres", "foreign-key-of-others", id="link"),
        pytest.param("ALTER TABLE teams OWNER TO postgres; "
                     "GRANT ALL ON teams TO PUBLIC", "trigger-of-others", id="trigger"),
        pytest.param("ALTER TABLE seats OWNER TO postgres", "no-table-right", id="table"),
        pytest.param("ALTER TABLE seats ENABLE ROW LEVEL SECURITY; "
                     "ALTER TABLE seats FORCE ROW LEVEL SECURITY", "row-security-applies", id="rls"),
        pytest.param("ALTER MATERIALIZED VIEW contacts OWNER TO postgres", "view-of-others",
                     id="view"),
        pytest.param("ALTER SEQUENCE tickets OWNER TO postgres; "
                     "GRANT SELECT ON SEQUENCE tickets TO PUBLIC", "sequence-of-others",
                     id="sequence"),
    ],
)  # fmt: skip
def test_what_the_role_may_not_do_is_told_first(owned, prepared, code, monkeypatch):
    owned.at_target(prepared)
    monkeypatch.setattr(Transaction, "prepare", None)
    with pytest.raises(ConfigError) as failure:
        owned.run("replace")
    assert code in codes(failure)


def test_a_role_that_may_set_the_parameter_lets_readers_read(owned, staging):
    staging.sql(f"GRANT SET ON PARAMETER session_replication_role TO {owned.role}")
    try:
        owned.at_target("ALTER TABLE teams OWNER TO postgres; GRANT ALL ON teams TO PUBLIC")
        done = owned.run("replace")
    finally:
        staging.sql(f"REVOKE SET ON PARAMETER session_replication_role FROM {owned.role}")
    assert done.outcome == "published"
    assert "readers-wait" not in noted(done)


@pytest.mark.parametrize(
    "prepared",
    [
        pytest.param("ALTER TABLE teams ENABLE ALWAYS TRIGGER stamp", id="a trigger always"),
        pytest.param("ALTER TABLE seats DROP CONSTRAINT seats_label; ALTER TABLE seats ADD "
                     "CONSTRAINT seats_label UNIQUE (label) DEFERRABLE INITIALLY DEFERRED",
                     id="a deferrable key"),
        pytest.param("CREATE RULE silent AS ON DELETE TO seats DO INSTEAD NOTHING", id="a rule"),
    ],
)  # fmt: skip
def test_what_would_act_or_be_silent_is_switched_off_by_name(world, prepared):
    world.at_target(prepared)
    before = world.everything()
    assert world.run("replace").outcome == "published"
    after = world.everything()
    assert after["triggers"] == before["triggers"]
    assert after["constraints"] == before["constraints"]
    for table in ("teams", "seats"):
        assert after[table] == sorted(world.at_source(f"SELECT * FROM {table}"), key=repr)
    assert not world.at_target("SELECT 1 FROM pg_rewrite WHERE ev_enabled <> 'O'")


def test_an_upsert_needs_a_key_and_a_column_that_takes_values(world):
    world.at_target(
        "ALTER TABLE seats DROP CONSTRAINT seats_pkey; ALTER TABLE teams DROP CONSTRAINT "
        "teams_pkey CASCADE; ALTER TABLE teams ADD UNIQUE (name); "
        "ALTER TABLE teams ALTER id ADD GENERATED ALWAYS AS IDENTITY; "
        "CREATE RULE silent AS ON UPDATE TO visits DO INSTEAD NOTHING"
    )
    with pytest.raises(ConfigError) as failure:
        world.run("upsert")
    assert codes(failure) >= {"no-upsert-key", "identity-outside-key", "upsert-rule"}


def test_the_plan_says_the_mode_and_what_readers_see(world):
    environ = {"SOURCE_URL": world.source, "TARGET_URL": world.target, "MASKER_KEY": KEY}
    plans = {}
    for mode, more in (("replace", ""), ("replace", ", clear: truncate"), ("upsert", "")):
        plan = make_plan_of(world.pipeline(mode, more=more), environ=environ)
        plans[as_json(plan)["mode"], as_json(plan)["clear"]] = plan
    assert "replace by delete" in as_text(plans["replace", "delete"])
    assert "nobody can read them" in as_text(plans["replace", "truncate"])
    assert "overwritten" in as_json(plans["upsert", None])["readers"]
    assert len({plan.fingerprint for plan in plans.values()}) == 3


def test_a_shared_target_is_not_swapped_away(world):
    with pytest.raises(UnsafeError, match="all rows of the pipeline's tables are deleted"):
        world.run("replace", allow="")
    world.run("replace")
    assert world.run("upsert", allow="").outcome == "published"
    with pytest.raises(UnsafeError, match="not empty"):
        world.run("swap", allow="")
    with pytest.raises(ConfigError, match="keeps no previous copy"):
        rollback(
            world.pipeline("replace"),
            records=world.folder / "records",
            environ={"SOURCE_URL": world.source, "TARGET_URL": world.target, "MASKER_KEY": KEY},
        )


def test_a_run_waits_for_writers_and_gives_up(world):
    with psycopg.connect(world.target) as writer:
        writer.execute("UPDATE teams SET name = 'theirs' WHERE id = 9")
        with pytest.raises(TryAgainError):
            world.run("replace", rest="publish: {wait: 1s}")


def test_a_target_that_is_not_there_is_told(world):
    world.loader = f"{world.target}_none"
    with pytest.raises(ConfigError) as failure:
        world.run("append")
    assert codes(failure) == {"no-target"}


@pytest.mark.parametrize(
    ("mode", "tampered", "code"),
    [
        pytest.param("append", CHANGED, "not-as-masked", id="append, another value"),
        pytest.param("upsert", GONE, "row-count", id="upsert, rows gone"),
        pytest.param("upsert", CHANGED, "not-as-masked", id="upsert, another value", marks=LONG),
        pytest.param("append", GONE, "row-count", id="append, rows gone", marks=LONG),
    ],
)
def test_what_was_written_is_proved_among_other_rows(world, monkeypatch, mode, tampered, code):
    world.at_target(APART)
    before = world.everything()
    finish = Transaction.finish

    def tamper(self, tell):
        self.writer.session.execute("SET search_path = public")
        self.writer.session.execute(tampered)
        return finish(self, tell)

    monkeypatch.setattr(Transaction, "finish", tamper)
    with pytest.raises(DataError) as failure:
        world.run(mode)
    assert code in codes(failure)
    assert world.everything() == before


def test_ctrl_c_changes_nothing(world, monkeypatch):
    before = world.everything()

    def stop(self, **_):
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, pytest.raises(KeyboardInterrupt):
        patch.setattr(Transaction, "publish", stop)
        world.run("replace")
    assert world.everything() == before
    assert world.run("replace").outcome == "published"


def test_masked_keys_are_found_again(world):
    """Of rows whose keys are permuted, under foreign keys and in another run."""
    rules = {"team": "{use: integer, domain: teams}", "id": "{use: integer, domain: people}"}
    text = world.pipeline("upsert").read_text()
    text = text.replace("people: {id: keep, team: keep, boss: keep,",
                        f"people: {{id: {rules['id']}, boss: {rules['id']}, "
                        f"team: {rules['team']},")  # fmt: skip
    text = text.replace('teams: {"*": keep}', f"teams: {{id: {rules['team']}, lead: "
                        f"{rules['id']}, name: keep, made: keep}}")  # fmt: skip
    text = text.replace('seats: {"*": keep}', f'seats: {{person: {rules["id"]}, "*": keep}}')
    text = text.replace('visits: {"*": keep}', f'visits: {{person: {rules["id"]}, "*": keep}}')
    world.at_target(APART)
    path = world.folder / "masked_keys.yaml"
    path.write_text(text)
    for _ in range(2):
        refresh(path, source=world.source, target=world.target, records=world.folder / "records")
    assert world.at_target("SELECT count(*) FROM people") == [(41,)]
    joined = "SELECT t.name, count(*) FROM teams t JOIN people p ON p.team = t.id GROUP BY 1"
    assert set(world.at_source(joined)) < set(world.at_target(joined))
    ids = "SELECT id FROM people WHERE id <> 100"
    assert not set(world.at_target(ids)) & set(world.at_source(ids))


def test_a_replaced_sample_equals_a_swapped_one(hr, production, staging, fresh_database, tmp_path):
    source, target = fresh_database(production, template=hr), fresh_database(staging, "hr")
    path = tmp_path / "hr.yaml"
    text = (POLICIES / "hr.yaml").read_text()
    found = []
    for url in ('{url: "${TARGET_URL}"', '{mode: replace, url: "${TARGET_URL}"'):
        path.write_text(text.replace('{url: "${TARGET_URL}"', url))
        refresh(path, source=source, target=target, records=tmp_path)
        found.append((digests(target), mark_of(World(source, target, tmp_path))))
    assert found[0][0] == found[1][0]
    assert [mark.state for _, mark in found] == [PUBLISHED, PUBLISHED]
    assert found[0][1].run != found[1][1].run
    staging.drop_database(f"{target.rpartition('/')[2]}_masker_previous")


@pytest.mark.parametrize(
    ("either", "mode"),
    [
        ("owner", "replace"),
        ("superuser", "upsert"),
        pytest.param("owner", "upsert", marks=LONG),
        pytest.param("superuser", "replace", marks=LONG),
    ],
    indirect=["either"],
)
def test_a_trigger_that_computes_a_column_stays_on(either, mode):
    """Its function relies on the search path; the other trigger of the table is off."""
    for run in (either.at_source, either.at_target):
        run(
            "ALTER TABLE teams ADD word text NOT NULL DEFAULT ''; ALTER TABLE teams ALTER word "
            "DROP DEFAULT; CREATE FUNCTION plain(text) RETURNS text LANGUAGE sql AS "
            "'SELECT lower($1)'; CREATE FUNCTION fill() RETURNS trigger LANGUAGE plpgsql "
            "AS $$ BEGIN NEW.word = plain(NEW.name) || '!'; RETURN NEW; END $$; "
            "CREATE TRIGGER fill BEFORE INSERT OR UPDATE ON teams FOR EACH ROW "
            "EXECUTE FUNCTION fill()"
        )
    path = either.pipeline(mode)
    path.write_text(path.read_text().replace('teams: {"*"', 'teams: {word: recompute, "*"'))
    refresh(path, source=either.source, target=either.loader or either.target,
            records=either.folder / "records")  # fmt: skip
    found = either.at_target("SELECT id, made, word FROM teams WHERE id < 9 ORDER BY id")
    assert [row[2] for row in found] == [f"team {n}!" for n in range(1, 5)]
    assert [row[:2] for row in found] == either.at_source("SELECT id, made FROM teams ORDER BY id")


def test_a_trigger_on_insert_alone_serves_no_upsert(world):
    for run in (world.at_source, world.at_target):
        run(
            "ALTER TABLE teams ADD word text; CREATE FUNCTION fill() RETURNS trigger LANGUAGE "
            "plpgsql AS $$ BEGIN NEW.word = NEW.name; RETURN NEW; END $$; CREATE TRIGGER fill "
            "BEFORE INSERT ON teams FOR EACH ROW EXECUTE FUNCTION fill()"
        )
    path = world.pipeline("upsert")
    path.write_text(path.read_text().replace('teams: {"*"', 'teams: {word: recompute, "*"'))
    with pytest.raises(ConfigError, match="recompute-without-trigger"):
        refresh(path, source=world.source, target=world.target, records=world.folder / "records")


def test_empty_and_excluded_tables(world):
    world.at_target("UPDATE seats SET person = NULL")
    before = world.everything()
    assert world.run("replace", rest="tables: {visits: empty, seats: exclude}")
    after = world.everything()
    assert after["visits"] == []
    assert after["seats"] == before["seats"]
    assert len(after["people"]) == 40


def test_a_subset_is_appended_whole(world):
    world.at_target(APART)
    subset = "subset: {roots: [{table: people, rows: 3}], lookup_rows: 0}"
    done = world.run("append", rest=subset)
    count = dict(done.rows)["public.people"]
    assert 3 <= count < 40
    assert world.at_target("SELECT count(*) FROM people") == [(count + 1,)]
    assert done.audit.rows == sum(done.rows.values())


def test_a_partition_that_is_left_out_is_not_emptied_with_its_root(world):
    before = world.everything()
    with pytest.raises(ConfigError) as told:
        world.run("replace", rest="tables: {visits_2024: exclude}")
    assert "partition-emptied" in codes(told)
    assert world.everything() == before
