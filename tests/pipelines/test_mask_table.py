"""A table masked where it lies, on PostgreSQL with and without DDL, and on SQLite."""

import importlib
import json

import pytest
import sqlalchemy as sa

import masker
from masker.engines.marker import Marker
from masker.engines.sqlite import marker
from masker.engines.sqlite.address import Address
from masker.engines.sqlite.session import Session, Side
from masker.errors import CollisionError, ConfigError, DataError, MaskerError, UnsafeError
from tests.pipelines.lying import KEY, RULES, WEAK, Place, fill, sqlite_at

ENGINES = ("postgres", "postgres-without-ddl", "sqlite")


@pytest.fixture
def bare(request, tmp_path):
    """An empty database of each kind in turn."""
    kind = request.param
    if kind == "sqlite":
        (tmp_path / "files").mkdir()  # a folder's name may look like production, too
        with sqlite_at(tmp_path / "files" / "shop.db") as engine:
            yield Place(engine)
        return
    server = request.getfixturevalue("staging")
    url = request.getfixturevalue("fresh_database")(server, "lying")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    yield Place(engine, ddl=kind == "postgres")
    engine.dispose()


@pytest.fixture
def place(bare):
    fill(bare)
    return bare


everywhere = pytest.mark.parametrize("bare", ENGINES, indirect=True)
pytestmark = everywhere


def joined(place):
    """Return every tie of the shop by what is not masked: it must be the same afterwards."""
    return [
        sorted(place.rows("SELECT o.id, c.country FROM orders o JOIN customers c ON c.id = o.customer")),
        sorted(place.rows("SELECT s.id, b.colour, c.country FROM scans s "
                          "JOIN badges b ON b.customer = s.badge JOIN customers c ON c.id = b.customer")),
        sorted(place.rows("SELECT c.country, b.country FROM customers c JOIN customers b ON b.id = c.boss")),
    ]  # fmt: skip


def test_a_swap_of_a_primary_key_holds_in_every_table_that_refers_to_it(place):
    before, ties = place.everything(), joined(place)
    done = place.mask()
    after = place.everything()
    old = {row[1]: row[0] for row in before["customers"]}
    assert {row[0] for row in after["customers"]} == set(old.values())  # exchanged among themselves
    assert [row[0] for row in after["customers"]] != [row[0] for row in before["customers"]] or (
        after["customers"] != before["customers"]
    )
    assert joined(place) == ties
    assert done.rows == 10
    assert {name.rpartition(".")[2]: rows for name, rows in done.followed.items()} == {
        "orders": len(before["orders"]),
        "badges": 10,
        "scans": 10,
    }
    masked = masker.Masker(columns=RULES, key=KEY, accept=WEAK)
    for row in before["scans"]:
        fake = masked.mask_value(row[1], "id", table="customers")
        assert (row[0], fake) in after["scans"]


def test_unique_and_other_columns_become_the_fakes_of_frames(place):
    before = place.everything()["customers"]
    done = place.mask()
    masked = masker.Masker(columns=RULES, key=KEY, accept=WEAK)
    wanted = {
        tuple(
            masked.mask_value(value, column, table="customers")
            for column, value in zip(("id", "email", "name", "country"), row, strict=False)
        )
        for row in before
    }
    assert {row[:4] for row in place.everything()["customers"]} == wanted
    told = {each.name: each for each in done.columns}
    assert told["email"].verdict == "email"
    assert told["email"].changed == 10
    assert told["country"].verdict == "keep"
    assert told["boss"].verdict == "digits"
    assert "follows" in told["boss"].why
    json.dumps(done.as_json())
    assert "customers: 10 rows masked (" in str(done)
    assert "10 of " in str(done)
    assert "kranz" not in f"{done} {done!r}"


def test_constraints_are_there_afterwards(place):
    place.mask()
    with pytest.raises(sa.exc.IntegrityError):
        place.run("INSERT INTO orders VALUES (999, 'nope', 1)")
    email = place.rows("SELECT email FROM customers ORDER BY id")[0][0]
    with pytest.raises(sa.exc.IntegrityError):
        place.run(f"INSERT INTO customers VALUES ('x', '{email}', NULL, 'DE', NULL)")
    with pytest.raises(sa.exc.IntegrityError):
        place.run("UPDATE badges SET customer = (SELECT max(customer) FROM badges)")
    place.run("INSERT INTO customers VALUES ('x', 'x@example.org', NULL, 'DE', NULL)")
    place.run("INSERT INTO orders VALUES (999, 'x', 1)")
    place.run("UPDATE customers SET id = 'xx' WHERE id = 'x'")
    assert place.rows("SELECT customer FROM orders WHERE id = 999") == [("xx",)]


def test_a_second_call_is_a_finding(place):
    place.mask()
    once = place.everything()
    with pytest.raises(UnsafeError) as caught:
        place.mask()
    assert [each.code for each in caught.value.findings] == ["already-masked"]
    assert place.everything() == once
    place.mask(again=True)
    assert place.everything() != once


def test_a_database_that_a_run_filled_is_masked_already(place):
    mark = Marker(target="t", run="r", state="published")
    if place.is_sqlite:
        with Session.open(
            Address.parse(f"sqlite:///{place.engine.url.database}"), side=Side.TARGET
        ) as session:
            marker.write(session, mark)
    else:
        place.run(f"COMMENT ON DATABASE {place.engine.url.database} IS 'ours\nmasker: {mark}'")
    before = place.everything()
    with pytest.raises(UnsafeError, match="a run of masker filled"):
        place.mask()
    assert place.everything() == before
    assert place.mask(again=True).rows == 10


def test_nothing_is_committed(place):
    before = place.everything()
    with place.engine.connect() as connection:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
            connection, "customers", ddl=place.ddl
        )
        assert connection.in_transaction()
        connection.rollback()
    assert place.everything() == before
    place.mask()  # the marker was rolled back, too
    assert place.everything() != before


def test_what_the_caller_did_in_the_transaction_is_seen(place):
    with place.engine.begin() as connection:
        connection.exec_driver_sql("DELETE FROM scans")
        connection.exec_driver_sql("DELETE FROM orders")
        connection.exec_driver_sql("DELETE FROM badges")
        connection.exec_driver_sql("UPDATE customers SET boss = NULL")
        connection.exec_driver_sql("DELETE FROM customers WHERE country = 'AT'")
        done = masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
            connection, "customers", ddl=place.ddl
        )
    assert done.rows == 5
    assert len(place.rows("SELECT 1 FROM customers")) == 5


def test_an_uncovered_column_stops_before_anything_is_touched(place):
    place.run("ALTER TABLE customers ADD COLUMN phone varchar(40)")
    place.run("UPDATE customers SET phone = '+49 30 901820'")
    before = place.everything()
    with place.engine.begin() as connection, pytest.raises(UnsafeError) as caught:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
            connection, "customers", ddl=place.ddl
        )
    assert "customers.phone" in str(caught.value)
    assert "901820" not in str(caught.value)
    assert place.everything() == before


def test_a_rule_that_names_no_column_is_told(place):
    rules = {"customers": {**RULES["customers"], "emial": "email"}}
    with pytest.raises(ConfigError, match="did you mean `email`"):
        place.mask(rules=rules)


def test_rules_that_misspell_the_table_are_told(place):
    rules = {"custmers": RULES["customers"], "orders": RULES["orders"]}
    with pytest.raises(ConfigError, match="the rules name `custmers`, and no table") as caught:
        place.mask(rules=rules)
    (finding,) = caught.value.findings
    assert (finding.id, finding.help) == ("unknown-table:custmers", "did you mean `customers`?")
    made = masker.Masker.from_rules(rules, key=KEY)
    with (
        pytest.raises(ConfigError, match="the rules name `custmers`, and no table"),
        place.engine.begin() as connection,
    ):
        made.copy_table(connection, "customers", into="orders")


def test_rules_for_other_tables_are_no_spelling_of_this_one(place):
    with pytest.raises(UnsafeError) as caught:
        place.mask("badges", rules={"customers": RULES["customers"], "teams": {"a": "keep"}})
    codes = {each.code for each in caught.value.findings}
    assert "uncovered" in codes
    assert "unknown-table" not in codes


def test_an_unknown_table_is_told(place):
    with pytest.raises(ConfigError, match="did you mean `customers`"):
        place.mask("custmers")


def test_only_rows_that_meet_the_condition_change_and_so_do_their_children(place):
    rules = {"customers": {**RULES["customers"], "id": "alphanumeric"}}
    place.run("UPDATE customers SET boss = NULL")
    place.run("UPDATE scans SET badge = NULL")
    place.run("DELETE FROM badges")
    place.run("DELETE FROM orders")
    for old, new in (("1", "1a1x"), ("3", "3b7y")):
        place.run(f"UPDATE customers SET id = '{new}' WHERE id = '{old}'")
    for number, customer in enumerate(("1a1x", "3b7y", "2", "2"), 1):
        place.run(f"INSERT INTO orders VALUES ({number}, '{customer}', 1)")
    for customer in ("1a1x", "2"):
        place.run(f"INSERT INTO badges VALUES ('{customer}', 'x')")
        place.run(f"INSERT INTO scans VALUES ({ord(customer[-1]) + 500}, '{customer}')")
    place.run("UPDATE customers SET boss = '1a1x' WHERE id IN ('2', '3b7y')")
    ties, before = joined(place), {row[1]: row for row in place.everything()["customers"]}
    done = place.mask(rules=rules, where="id LIKE '%a_x' OR customers.id LIKE '%b%' -- these")
    assert done.rows == 3  # two of them, and the one whose boss is among them
    assert joined(place) == ties
    after = place.everything()["customers"]
    stayed = [row for row in after if row[1] in before]
    assert len(stayed) == 8
    assert [row[:4] for row in stayed] == [before[row[1]][:4] for row in stayed]
    assert {row[0] for row in after} & {"1a1x", "3b7y"} == set()
    told = {each.name: each.changed for each in done.columns}
    assert told == {"id": 2, "email": 2, "name": 2, "country": 0, "boss": 2}


def test_a_key_that_meets_one_outside_the_condition_fails_whole(place):
    before = place.everything()
    with pytest.raises(MaskerError) as caught:
        place.mask(where="id IN ('1', '2', '3', '4', '5', '6')")
    assert isinstance(caught.value, CollisionError), caught.value
    assert place.everything() == before


def test_after_a_failure_the_callers_transaction_goes_on(place):
    before = place.everything()
    with place.engine.begin() as connection:
        connection.exec_driver_sql("INSERT INTO orders VALUES (777, '1', 1)")
        with pytest.raises(CollisionError):
            masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                connection, "customers", ddl=place.ddl, where="id < '6'"
            )
        connection.exec_driver_sql("INSERT INTO orders VALUES (778, '2', 1)")
    after = place.everything()
    assert after["customers"] == before["customers"]
    assert {row[0] for row in after["orders"]} - {row[0] for row in before["orders"]} == {777, 778}


@pytest.mark.parametrize("when", ["keep", "write", "mark"])
def test_interrupted_at_any_moment_nothing_has_changed(place, monkeypatch, when):
    before = place.everything()
    kind = "sqlite" if place.is_sqlite else "postgres"
    module = importlib.import_module(f"masker.engines.{kind}.lent")
    owner = module.SqliteInPlace if place.is_sqlite else module.PostgresInPlace

    real = getattr(owner, when)

    def interrupted(*given, **options):
        real(*given, **options)
        raise KeyboardInterrupt

    with monkeypatch.context() as patch, place.engine.begin() as connection:
        patch.setattr(owner, when, interrupted)
        with pytest.raises(KeyboardInterrupt):
            masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                connection, "customers", ddl=place.ddl
            )
        connection.exec_driver_sql("INSERT INTO orders VALUES (777, '1', 1)")
    after = place.everything()
    assert after["customers"] == before["customers"]
    assert len(after["orders"]) == len(before["orders"]) + 1
    place.mask()
    assert place.everything()["customers"] != before["customers"]


def test_no_log_of_statements_holds_a_value(place, caplog):
    caplog.set_level("DEBUG")
    engine = sa.create_engine(place.engine.url, echo="debug")
    with engine.begin() as connection:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
            connection, "customers", ddl=place.ddl
        )
    engine.dispose()
    emails = [row[1] for row in place.everything()["customers"]]
    assert "SELECT 1" in caplog.text
    assert not [word for word in ("kranz", *emails) if word in caplog.text.lower()]


def test_a_wrong_condition_is_told_without_a_value(place):
    before = place.everything()
    with pytest.raises(MaskerError) as caught:
        place.mask(where="contry = 'anna.kranz0@web.de'")
    assert "web.de" not in str(caught.value)
    assert place.everything() == before


@pytest.mark.parametrize(
    ("where", "told"),
    [
        ("contry = 'anna.kranz0@web.de'", "does not have; did you mean `country`?"),
        ("country = ", "it is not SQL"),
        ("country = 'anna.kranz0@web.de' ORDER", "it is not SQL"),
        ("lowwer(country) = 'x'", "it uses a function"),
        ("length(country) % 2 = 5 AND name LIKE 'a%s' -- none", ""),
    ],
)
def test_a_wrong_condition_is_told_by_its_name_and_how_to_mend_it(place, where, told):
    before = place.everything()
    made = masker.Masker.from_rules(RULES, key=KEY, accept=[*WEAK, "weak-space:customers.boss"])
    with place.engine.connect() as connection:
        if told:
            for act in (
                lambda: made.mask_table(connection, "customers", ddl=place.ddl, where=where),
                lambda: made.copy_table(connection, "customers", into="scans", where=where),
            ):
                with pytest.raises(ConfigError, match="`where` is no condition on") as caught:
                    act()
                (finding,) = caught.value.findings
                assert told in finding.message + finding.help
                assert finding.code == "bad-predicate"
                assert "web.de" not in str(caught.value)
        else:
            done = made.mask_table(connection, "customers", ddl=place.ddl, where=where)
            assert done.rows == 0
        connection.exec_driver_sql("SELECT 1")  # the caller's transaction goes on
        connection.rollback()
    assert place.everything() == before


def test_triggers_see_nothing(place):
    place.run("CREATE TABLE history (email varchar(80))")
    if place.is_sqlite:
        place.run("CREATE TRIGGER remember AFTER UPDATE ON customers BEGIN "
                  "INSERT INTO history VALUES (old.email); END")  # fmt: skip
    else:
        with place.engine.begin() as connection:
            connection.exec_driver_sql(
                "CREATE FUNCTION remember() RETURNS trigger LANGUAGE plpgsql AS "
                "'BEGIN INSERT INTO history VALUES (old.email); RETURN new; END'"
            )
        place.run("CREATE TRIGGER remember BEFORE UPDATE ON customers FOR EACH ROW "
                  "EXECUTE FUNCTION remember()")  # fmt: skip
    if not place.ddl:
        with pytest.raises(ConfigError) as caught:
            place.mask()
        assert [each.code for each in caught.value.findings.blocking] == ["update-trigger"]
        return
    place.mask()
    assert place.rows("SELECT * FROM history") == []
    place.run("UPDATE customers SET country = 'CH'")
    assert len(place.rows("SELECT * FROM history")) == 10


def test_a_foreign_key_of_the_table_goes_with_its_parent(place):
    before = place.everything()
    rules = {
        **RULES,
        "orders": {**RULES["orders"], "total": {"use": "constant", "with": {"value": "1"}}},
    }
    done = place.mask("orders", rules=rules)
    assert {row[:2] for row in place.everything()["orders"]} == {
        row[:2] for row in before["orders"]
    }
    told = {each.name: each for each in done.columns}
    assert told["customer"].verdict == "keep"
    assert "goes with" in told["customer"].why


def test_a_foreign_key_whose_parent_nobody_decided_on_needs_a_verdict(place):
    mine = {**RULES["orders"], "customer": "keep"}
    place.mask("orders", rules={"orders": mine})
    with pytest.raises(UnsafeError, match=r"orders\.customer"):
        place.mask("orders", rules={"orders": {"id": "keep", "total": "keep"}}, again=True)
    with pytest.raises(ConfigError) as caught:
        place.mask("orders", rules={"orders": {**mine, "customer": "token"}}, again=True)
    assert "key-elsewhere" in [each.code for each in caught.value.findings]


def test_a_name_like_production_is_refused_unless_allowed(bare, request, tmp_path):
    if bare.is_sqlite:
        with sqlite_at(tmp_path / "shop_production.db") as engine:
            _refused(Place(engine))
        return
    server = request.getfixturevalue("staging")
    url = request.getfixturevalue("fresh_database")(server, "shop_production")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    _refused(Place(engine, ddl=bare.ddl))
    engine.dispose()


def _refused(place):
    fill(place)
    before = place.everything()
    with pytest.raises(UnsafeError) as caught:
        place.mask()
    assert [each.code for each in caught.value.findings] == ["production-name"]
    assert place.everything() == before
    done = place.mask(allow=["production-name"])
    assert [each.code for each in done.findings if each.severity == 1] == ["production-name"]


def test_the_source_of_the_pipeline_is_refused(place, tmp_path):
    url = place.engine.url.set(drivername="sqlite" if place.is_sqlite else "postgresql")
    if not place.is_sqlite:
        with place.engine.connect() as connection:
            link = connection.connection.driver_connection.info
            url = url.set(host=link.host, port=link.port, query={})
    path = tmp_path / "p.yaml"
    path.write_text(
        f'version: 1\nname: p\nsource: {{url: "{url.render_as_string(hide_password=False)}"}}\n'
        'target: {url: "${B}"}\naccept: ["password-in-file:source.url"]\ncolumns: {customers: {"*": keep}}\n'
    )
    with place.engine.begin() as connection, pytest.raises(UnsafeError) as caught:
        masker.Masker(path, key=KEY).mask_table(connection, "customers", allow=["production-name"])
    assert [each.code for each in caught.value.findings] == ["same-database"]


def test_a_connection_that_commits_by_itself_is_refused(place):
    plain = sa.create_engine(place.engine.url)  # without the hook that begins a transaction
    own = plain.connect().execution_options(isolation_level="AUTOCOMMIT")
    with own as connection, pytest.raises(ConfigError) as caught:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(connection, "customers")
    assert caught.value.code == "no-transaction"
    plain.dispose()


def test_a_late_beginner_is_made_to_begin(place):
    """By default sqlite3 begins no transaction before the first row is written."""
    plain = sa.create_engine(place.engine.url)
    before = place.everything()
    for end, wanted in (("rollback", False), ("commit", True)):
        with plain.connect() as connection:
            masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
                connection, "customers", ddl=place.ddl
            )
            getattr(connection, end)()
        assert (place.everything() != before) is wanted
    plain.dispose()


@pytest.mark.parametrize("wrong", ["engine", "text", "closed"])
def test_what_is_no_connection_is_told(place, wrong):
    given = {"engine": place.engine, "text": "sqlite://", "closed": place.engine.connect()}
    given["closed"].close()
    with pytest.raises(ConfigError) as caught:
        masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(given[wrong], "customers")
    assert caught.value.code == "no-connection"


def test_the_drivers_own_connection_will_do(place):
    raw = place.engine.raw_connection()
    if place.is_sqlite:
        raw.driver_connection.execute("BEGIN")
    done = masker.Masker(columns=RULES, key=KEY, accept=WEAK).mask_table(
        raw.driver_connection, "customers", ddl=place.ddl
    )
    raw.commit()
    raw.close()
    assert done.rows == 10
    assert not any("kranz" in row[0] for row in place.rows("SELECT email FROM customers"))


def test_a_large_table_is_masked_in_batches(bare, monkeypatch):
    number = "integer" if bare.is_sqlite else "smallint"
    bare.run(f"CREATE TABLE people (id {number} PRIMARY KEY, nick varchar(20) UNIQUE)")
    bare.run(f"CREATE TABLE pets (id integer PRIMARY KEY, owner {number} REFERENCES people (id))")
    bare.run(f"CREATE TABLE cars (owner {number} REFERENCES people (id))")
    for table in ("pets", "cars"):  # without them the server reads the child for every parent
        bare.run(f"CREATE INDEX {table}_owner ON {table} (owner)")
    series = ("WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < 16383) "
              "SELECT ")  # fmt: skip
    bare.run("INSERT INTO people " + series + "n, 'nick' || (100000 + n) FROM s")
    bare.run("INSERT INTO pets " + series + "n, 1 + mod(n * 7, 16383) FROM s")
    bare.run("INSERT INTO cars " + series + "n FROM s")
    ties = "SELECT p.id, o.nick FROM pets p JOIN people o ON o.id = p.owner ORDER BY p.id"
    before = bare.rows(ties)
    rules = {"people": {"id": {"use": "integer", "with": {"type": "int2"}}, "nick": "keep"}}
    made = masker.Masker.from_rules(rules, key=KEY, accept=["weak-space:people.id"])
    monkeypatch.setattr("masker.engines.postgres.lent.BATCH_ROWS", 1000)
    monkeypatch.setattr("masker.engines.sqlite.lent.BATCH_BYTES", 1 << 16)
    with bare.engine.begin() as connection:
        done = made.mask_table(connection, "people", ddl=bare.ddl)
    assert done.rows == 16383
    assert bare.rows(ties) == before
    assert bare.rows("SELECT min(id), max(id), count(DISTINCT id) FROM people") == [
        (1, 16383, 16383)
    ]
    moved = bare.rows("SELECT count(*) FROM people WHERE nick <> 'nick' || (100000 + id)")[0][0]
    assert moved > 16000
    assert bare.rows("SELECT count(*) FROM cars c JOIN people p ON p.id = c.owner") == [(16383,)]


def test_wide_rows_come_in_small_batches(bare, monkeypatch):
    bare.run("CREATE TABLE letters (id integer PRIMARY KEY, body text)")
    body = "Dear Anna Kranz, " * 100
    with bare.engine.begin() as connection:
        for number in range(600):
            connection.execute(
                sa.text("INSERT INTO letters VALUES (:n, :b)"), {"n": number, "b": body}
            )
    sizes = []
    kind = "sqlite" if bare.is_sqlite else "postgres"
    module = importlib.import_module(f"masker.engines.{kind}.lent")
    owner = module.SqliteInPlace if bare.is_sqlite else module.PostgresInPlace
    real = owner.keep

    def keep(self, change, rows, masked):
        sizes.append(masked.height)
        real(self, change, rows, masked)

    monkeypatch.setattr(owner, "keep", keep)
    for at in ("postgres", "sqlite"):
        monkeypatch.setattr(f"masker.engines.{at}.lent.BATCH_BYTES", 1 << 16)
    monkeypatch.setattr("masker.engines.postgres.lent._FIRST_ROWS", 4)
    done = bare.mask("letters", rules={"letters": {"id": "keep", "body": "fake_text"}})
    assert done.rows == sum(sizes) == 600
    assert max(sizes) < 600


def test_composite_keys_follow_column_by_column(bare):
    bare.run("CREATE TABLE tenants (tenant integer, code varchar(8), PRIMARY KEY (tenant, code))")
    bare.run("CREATE TABLE users (id integer PRIMARY KEY, tenant integer, code varchar(8), "
             "FOREIGN KEY (tenant, code) REFERENCES tenants (tenant, code))")  # fmt: skip
    for tenant in (1, 2):
        for code in ("100", "200", "300"):
            bare.run(f"INSERT INTO tenants VALUES ({tenant}, '{code}')")
            bare.run(f"INSERT INTO users VALUES ({tenant}{code}, {tenant}, '{code}')")
    bare.run("INSERT INTO users VALUES (7, NULL, NULL)")
    rules = {"tenants": {"tenant": "keep", "code": "digits"}}
    done = bare.mask("tenants", rules=rules, where="tenant = 1")
    assert done.rows == 3
    tied = "SELECT u.id FROM users u JOIN tenants t ON t.tenant = u.tenant AND t.code = u.code"
    assert len(bare.rows(tied)) == 6
    same = bare.rows(
        "SELECT count(*) FROM users WHERE tenant = 2 AND code IN ('100', '200', '300')"
    )
    assert same == [(3,)]
    assert bare.rows("SELECT count(*) FROM users WHERE code IN ('100', '200', '300')") != [(6,)]


def test_an_empty_table_is_masked(bare):
    bare.run("CREATE TABLE customers (email varchar(80) PRIMARY KEY)")
    assert bare.mask(rules={"customers": {"email": "email"}}).rows == 0
    with pytest.raises(UnsafeError):
        bare.mask(rules={"customers": {"email": "email"}})


def test_a_table_of_kept_columns_only_is_left_as_it_is(bare):
    bare.run("CREATE TABLE colours (name varchar(80) PRIMARY KEY)")
    bare.run("INSERT INTO colours VALUES ('red')")
    assert bare.mask("colours", rules={"colours": {"name": "keep"}}).rows == 0
    assert bare.rows("SELECT * FROM colours") == [("red",)]


def test_a_value_that_fits_no_longer_fails_whole(bare):
    bare.run("CREATE TABLE t (id integer PRIMARY KEY, n smallint)")
    bare.run("INSERT INTO t VALUES (1, 5)")
    rules = {"t": {"id": "keep", "n": {"use": "constant", "with": {"value": "many"}}}}
    if bare.is_sqlite:
        pytest.skip("SQLite stores whatever it is given")
    with pytest.raises(MaskerError) as caught:
        bare.mask("t", rules=rules)
    assert isinstance(caught.value, (DataError, ConfigError))
    assert bare.rows("SELECT * FROM t") == [(1, 5)]
