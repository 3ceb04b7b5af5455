"""A pipeline's own source is refused, however a connection or a URL spells it."""

import socket
import sqlite3
import time

import psycopg
import pytest
import sqlalchemy as sa

import masker
from masker.errors import UnsafeError
from tests.pipelines.lying import KEY, RULES, WEAK, Place, fill, sqlite_at


def of_file(tmp_path, url):
    """Return a Masker of a pipeline's file whose source is at a URL."""
    path = tmp_path / "p.yaml"
    path.write_text(
        'version: 1\nname: p\nsource: {url: "${A}"}\ntarget: {url: "${B}"}\n'
        "columns: {customers: {email: email, '*': keep}, orders: {'*': keep}}\n"
    )
    return masker.Masker(path, key=KEY, environ={"A": url, "B": f"{url}_other"})


def codes(caught):
    return [each.code for each in caught.value.findings]


@pytest.fixture
def postgres(staging, fresh_database):
    """A database of the shop: its URL, and the shop."""
    url = fresh_database(staging, "lying")
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    place = Place(engine)
    fill(place)
    yield url, place
    engine.dispose()


@pytest.mark.parametrize("kind", ["itself", "symbolic", "hard", "folder"])
def test_a_file_is_seen_through_its_links(tmp_path, kind):
    folder = tmp_path / "files"
    folder.mkdir()
    with sqlite_at(folder / "shop.db") as engine:
        fill(Place(engine))
    other = folder / "other.db"
    if kind == "itself":
        other = folder / "shop.db"
    elif kind == "symbolic":
        other.symlink_to(folder / "shop.db")
    elif kind == "hard":
        other.hardlink_to(folder / "shop.db")
    else:
        (tmp_path / "link").symlink_to(folder)
        other = tmp_path / "link" / "shop.db"
    raw = sqlite3.connect(other)
    before = raw.execute("SELECT * FROM customers").fetchall()
    with pytest.raises(UnsafeError) as caught:
        of_file(tmp_path, f"sqlite:///{folder}/shop.db").mask_table(raw, "customers")
    assert codes(caught) == ["same-database"]
    assert raw.execute("SELECT * FROM customers").fetchall() == before
    raw.close()


def test_a_copy_of_a_file_and_a_database_in_memory_are_others(tmp_path):
    raw = sqlite3.connect(":memory:")
    raw.execute("CREATE TABLE customers (email text)")
    raw.execute("INSERT INTO customers VALUES ('anna@web.de')")
    raw.commit()
    (tmp_path / "files").mkdir()
    origin = sqlite3.connect(tmp_path / "files" / "origin.db")
    copy = sqlite3.connect(tmp_path / "files" / "copy.db")
    for each in (origin, copy):
        raw.backup(each)
    made = of_file(tmp_path, f"sqlite:///{tmp_path}/files/origin.db")
    for each in (copy, raw):
        done = made.mask_table(each, "customers")
        assert [finding.code for finding in done.findings] == []
        assert done.columns[0].changed == 1
        each.rollback()
    for each in (origin, copy, raw):
        each.close()


def test_a_server_is_seen_through_its_names(tmp_path, postgres):
    url, place = postgres
    before = place.everything()
    assert "@127.0.0.1:" in url
    for written in (url, url.replace("@127.0.0.1:", "@localhost:"), f"{url}?connect_timeout=9"):
        with place.engine.begin() as connection, pytest.raises(UnsafeError) as caught:
            of_file(tmp_path, written).mask_table(
                connection, "customers", allow=["production-name", "shared-identity"]
            )
        assert codes(caught) == ["same-database"]
    assert place.everything() == before


def test_roles_that_may_know_nothing_are_seen_through_in_an_open_transaction(
    tmp_path, postgres, staging
):
    url, _ = postgres
    database = url.rpartition("/")[2]
    staging.sql(
        "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC;"
        "DO $$BEGIN CREATE ROLE some_owner LOGIN PASSWORD 'p';"
        "EXCEPTION WHEN duplicate_object THEN END$$;"
        "ALTER TABLE customers OWNER TO some_owner",
        database=database,
    )
    mine = staging.url(database, "some_owner", "p")
    with psycopg.connect(mine) as raw:
        with pytest.raises(UnsafeError) as caught:
            of_file(tmp_path, url.replace("@127.0.0.1:", "@localhost:")).mask_table(
                raw, "customers"
            )
        assert codes(caught) == ["same-database"]
        assert raw.execute("SELECT count(*) FROM customers").fetchone() == (10,)  # still usable


def test_another_database_of_the_server_is_another(tmp_path, postgres, staging, fresh_database):
    _, place = postgres
    made = of_file(tmp_path, fresh_database(staging, "source"))
    with place.engine.begin() as connection:
        done = made.mask_table(connection, "customers")
    assert "source-not-asked" not in [each.code for each in done.findings]
    assert not [row for row in place.everything()["customers"] if "kranz" in row[1]]


@pytest.mark.parametrize("kind", ["closed", "silent"])
def test_a_source_that_does_not_answer_holds_nobody_up(tmp_path, postgres, kind):
    url, place = postgres
    database = url.rpartition("/")[2]
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        if kind == "silent":  # it takes the connection, and nothing else
            listening.listen()
        port = listening.getsockname()[1]
        made = of_file(tmp_path, f"postgresql://reader@127.0.0.1:{port}/{database}")
        begun = time.monotonic()
        with place.engine.begin() as connection:
            done = made.mask_table(connection, "customers")
    assert time.monotonic() - begun < 10
    assert "source-not-asked" in [each.code for each in done.findings]
    assert not [row for row in place.everything()["customers"] if "kranz" in row[1]]


def test_a_source_that_answers_no_questions_is_told(tmp_path, postgres, production, fresh_database):
    _, place = postgres
    name = fresh_database(production, "shy").rpartition("/")[2]
    production.sql(
        "REVOKE SELECT ON pg_catalog.pg_locks FROM PUBLIC;"
        "DO $$BEGIN CREATE ROLE shy LOGIN PASSWORD 'p';"
        "EXCEPTION WHEN duplicate_object THEN END$$",
        database=name,
    )
    with place.engine.begin() as connection:
        done = of_file(tmp_path, production.url(name, "shy", "p")).mask_table(
            connection, "customers"
        )
    assert [each.code for each in done.findings if each.code == "source-not-asked"]


def test_a_source_that_cannot_be_asked_is_still_told_by_its_spelling(tmp_path, postgres):
    url, place = postgres
    wrong = sa.make_url(url).set(username="nobody", password="wrong")
    made = of_file(tmp_path, wrong.render_as_string(hide_password=False))
    with place.engine.begin() as connection, pytest.raises(UnsafeError) as caught:
        made.mask_table(connection, "customers")
    assert codes(caught) == ["same-database"]


def test_a_source_of_another_engine_is_another(tmp_path, postgres):
    _, place = postgres
    made = of_file(tmp_path, f"sqlite:///{tmp_path}/files/none.db")
    with place.engine.begin() as connection:
        assert made.mask_table(connection, "customers").rows == 10


def test_all_that_is_unsafe_is_told_at_once(tmp_path):
    raw = sqlite3.connect(tmp_path / "shop_production.db")
    raw.execute("CREATE TABLE customers (email text)")
    with pytest.raises(UnsafeError) as caught:
        of_file(tmp_path, f"sqlite:///{tmp_path}/shop_production.db").mask_table(raw, "customers")
    assert set(codes(caught)) == {"production-name", "same-database"}
    raw.close()


def test_a_table_is_not_copied_into_itself_through_another_connection(tmp_path, postgres):
    url, place = postgres
    made = masker.Masker(columns=RULES, key=KEY, accept=WEAK)
    with (
        psycopg.connect(url.replace("@127.0.0.1:", "@localhost:")) as source,
        place.engine.begin() as connection,
        pytest.raises(UnsafeError, match="copied into itself"),
    ):
        made.copy_table(connection, "orders", into="orders", source=source)
    (tmp_path / "files").mkdir()
    with sqlite_at(tmp_path / "files" / "shop.db") as engine:
        fill(Place(engine))
        (tmp_path / "files" / "other.db").hardlink_to(tmp_path / "files" / "shop.db")
        source = sqlite3.connect(tmp_path / "files" / "other.db")
        with engine.begin() as connection, pytest.raises(UnsafeError, match="copied into itself"):
            made.copy_table(connection, "orders", into="orders", source=source)
        source.close()
