"""Rows copied from one table to another, masked on the way, within a database and between two."""

import pytest
import sqlalchemy as sa

import masker
from masker.engines.postgres.lent import PostgresInPlace
from masker.engines.sqlite.lent import SqliteInPlace
from masker.errors import MaskerError, UnsafeError
from tests.pipelines.lying import KEY, RULES, WEAK, Place, fill, sqlite_at


@pytest.fixture(params=["postgres", "sqlite"])
def place(request, tmp_path):
    if request.param == "sqlite":
        (tmp_path / "files").mkdir()
        with sqlite_at(tmp_path / "files" / "shop.db") as engine:
            made = Place(engine)
            fill(made)
            yield made
        return
    server = request.getfixturevalue("staging")
    url = request.getfixturevalue("fresh_database")(server, "copying")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    made = Place(engine)
    fill(made)
    yield made
    engine.dispose()


def masking(rules=RULES):
    return masker.Masker.from_rules(rules, key=KEY, accept=[*WEAK, "weak-space:customers.boss",
                                                            "weak-space:orders.customer"])  # fmt: skip


SANDBOX = "CREATE TABLE sandbox (id varchar(4) PRIMARY KEY, email varchar(80), land varchar(2) DEFAULT 'XX')"


def test_rows_are_copied_by_the_columns_that_both_have(place):
    place.run(SANDBOX)
    before = place.everything()
    with place.engine.begin() as connection:
        done = masking().copy_table(connection, "customers", into="sandbox", where="country = 'DE'")
    assert place.everything() == before
    assert done.rows == 5
    assert [each.name for each in done.columns] == ["id", "email"]
    notes = {each.subject.rpartition(".")[2] for each in done.findings if each.code == "one-side"}
    assert notes == {"name", "country", "boss", "land"}
    made = masking()
    wanted = {
        (made.mask_value(row[0], "id", table="customers"),
         made.mask_value(row[1], "email", table="customers"), "XX")
        for row in before["customers"] if row[3] == "DE"
    }  # fmt: skip
    assert set(place.rows("SELECT id, email, land FROM sandbox")) == wanted


def test_foreign_keys_go_as_the_keys_they_refer_to(place):
    place.run(
        "CREATE TABLE orders_2 (id integer PRIMARY KEY, customer varchar(4), total numeric(10, 2))"
    )
    rules = {**RULES, "orders": {"id": "keep", "total": "keep"}}
    with place.engine.begin() as connection:
        masking(rules).copy_table(connection, "orders", into="orders_2")
    made = masking()
    old = dict(place.rows("SELECT id, customer FROM orders"))
    assert dict(place.rows("SELECT id, customer FROM orders_2")) == {
        number: made.mask_value(customer, "id", table="customers")
        for number, customer in old.items()
    }


def test_from_another_database(place, tmp_path):
    (tmp_path / "other").mkdir()
    with sqlite_at(tmp_path / "other" / "sandbox.db") as engine:
        there = Place(engine)
        there.run(SANDBOX)
        with place.engine.connect() as source, engine.begin() as connection:
            done = masking().copy_table(connection, "customers", into="sandbox", source=source)
            source.rollback()
        assert done.rows == 10
        assert len(there.rows("SELECT * FROM sandbox")) == 10
        assert not [row for row in there.rows("SELECT email FROM sandbox") if "kranz" in row[0]]
        source, connection = place.engine.connect(), engine.connect()
        with source, connection, pytest.raises(UnsafeError) as caught:
            masking().copy_table(connection, "customers", into="sandbox", source=source)
        assert [each.code for each in caught.value.findings] == ["already-masked"]


def test_nothing_arrives_of_a_copy_that_fails(place):
    place.run(SANDBOX)
    email = masking().mask_value("ida.kranz8@web.de", "email", table="customers")
    place.run(f"INSERT INTO sandbox (id, email) VALUES ('zz', '{email}')")
    place.run("CREATE UNIQUE INDEX one_each ON sandbox (email)")
    with place.engine.begin() as connection:
        with pytest.raises(masker.CollisionError) as caught:
            masking().copy_table(connection, "customers", into="sandbox")
        assert "kranz" not in str(caught.value)
    assert place.rows("SELECT count(*) FROM sandbox") == [(1,)]


@pytest.mark.parametrize(
    ("table", "into", "code"),
    [("customers", "customers", "same-database"), ("customers", "colours", "nothing-to-copy"),
     ("customers", "nowhere", "unknown-table"), ("badges", "colours", "uncovered")],
)  # fmt: skip
def test_a_copy_that_makes_no_sense_is_told(place, table, into, code):
    place.run("CREATE TABLE colours (hue integer)")
    with place.engine.begin() as connection, pytest.raises(MaskerError) as caught:
        masking().copy_table(connection, table, into=into)
    assert code in {each.code for each in caught.value.findings}


def test_a_target_that_looks_like_production_is_refused(place, tmp_path):
    with sqlite_at(tmp_path / "production.db") as engine:
        Place(engine).run(SANDBOX)
        with place.engine.connect() as source, engine.begin() as connection:
            with pytest.raises(UnsafeError) as caught:
                masking().copy_table(connection, "customers", into="sandbox", source=source)
            assert [each.code for each in caught.value.findings] == ["production-name"]
            masking().copy_table(
                connection, "customers", into="sandbox", source=source, allow=["production-name"]
            )


def test_an_uncovered_column_of_the_source_stops(place):
    place.run(SANDBOX)
    rules = {"customers": {k: v for k, v in RULES["customers"].items() if k != "name"}}
    with place.engine.begin() as connection, pytest.raises(UnsafeError, match=r"customers\.name"):
        masking(rules).copy_table(connection, "customers", into="sandbox")


def test_fakes_are_not_masked_again(place):
    place.run(SANDBOX)
    place.run("CREATE TABLE orders_2 (id integer PRIMARY KEY, customer varchar(4))")
    place.run("CREATE TABLE land_2 (country varchar(2))")
    place.mask()
    named = {**RULES, "orders": {"id": "keep", "total": "keep"}}
    alone = {"orders": {"id": "keep", "total": "keep", "customer": "keep"}}
    with place.engine.begin() as connection:
        for table, into in (("customers", "sandbox"), ("orders", "orders_2")):
            with pytest.raises(UnsafeError) as caught:
                masking(named).copy_table(connection, table, into=into)
            (found,) = caught.value.findings
            assert (found.code, found.subject.rpartition(".")[2]) == ("already-masked", "customers")
        masking(alone).copy_table(connection, "orders", into="orders_2")
    kept = "SELECT id, customer FROM orders ORDER BY id"
    assert place.rows(kept.replace("orders", "orders_2")) == place.rows(kept)
    with place.engine.begin() as connection:
        assert masking().copy_table(connection, "customers", into="sandbox", again=True).rows == 10


def test_what_a_run_filled_is_not_masked_again(place, tmp_path, monkeypatch):
    place.run(SANDBOX)
    kind = SqliteInPlace if place.is_sqlite else PostgresInPlace
    monkeypatch.setattr(kind, "filled", lambda self: True)
    with place.engine.begin() as connection:
        with pytest.raises(UnsafeError, match="a run of masker filled"):
            masking().copy_table(connection, "customers", into="sandbox")
        assert masking().copy_table(connection, "customers", into="sandbox", again=True).rows == 10


def test_what_is_masked_while_it_is_read_is_not_copied(place, monkeypatch):
    place.run(SANDBOX)
    kind = SqliteInPlace if place.is_sqlite else PostgresInPlace
    real = kind.insert

    def late(self, table, columns, batches):
        count = real(self, table, columns, batches)
        self.mark(self.find("customers"), "{}")
        return count

    monkeypatch.setattr(kind, "insert", late)
    with place.engine.begin() as connection, pytest.raises(UnsafeError, match="fakes of fakes"):
        masking().copy_table(connection, "customers", into="sandbox")
    assert place.rows("SELECT * FROM sandbox") == []


def test_nothing_is_written_into_the_pipelines_own_source(place, tmp_path):
    place.run(SANDBOX)
    url = place.engine.url.set(drivername=place.engine.dialect.name)
    path = tmp_path / "p.yaml"
    path.write_text(
        'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\n'
        "columns: {customers: {email: email, '*': keep}, orders: {'*': keep}}\n"
    )
    written = url.render_as_string(hide_password=False)
    made = masker.Masker(path, key=KEY, environ={"A": written, "B": f"{written}_other"})
    with place.engine.begin() as connection, pytest.raises(UnsafeError) as caught:
        made.copy_table(connection, "customers", into="sandbox")
    assert [each.code for each in caught.value.findings.blocking] == ["same-database"]
    assert place.rows("SELECT * FROM sandbox") == []
