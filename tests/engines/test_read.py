import os
import threading
import time

import pytest

from masker.catalog import TableName
from masker.engines.postgres import read as reading
from masker.engines.postgres.address import Address
from masker.engines.postgres.read import (
    Part,
    begin_snapshot,
    copy_sql,
    join_snapshot,
    parts,
    read,
)
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError, DataError, TryAgainError

T = TableName("public", "t")


@pytest.fixture(scope="module")
def url(production, lasting_database):
    made = lasting_database(production, "read")
    with Session.open(Address.parse(made), side=Side.TARGET) as session:
        session.execute(
            "CREATE TABLE public.t (id int, note text);"
            "INSERT INTO public.t SELECT i, repeat('n', i % 300) || E'\\n' "
            "FROM generate_series(1, 50000) i;"
            "CREATE TABLE public.above (id int);"
            "CREATE TABLE public.below () INHERITS (public.above);"
            "INSERT INTO public.above VALUES (1); INSERT INTO public.below VALUES (2)"
        )
    return made


@pytest.fixture
def session(url):
    with Session.open(Address.parse(url), side=Side.SOURCE) as made:
        yield made


# -- ranges ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("pages", "count", "edges"),
    [
        (0, 4, [(None, None)]),
        (255, 4, [(None, None)]),
        (1000, 1, [(None, None)]),
        (1024, 4, [(None, 256), (256, 512), (512, 768), (768, None)]),
        (1000, 8, [(None, 333), (333, 666), (666, None)]),
    ],
)
def test_parts_touch_and_the_last_is_open(pages, count, edges):
    assert [(part.low, part.high) for part in parts(T, pages=pages, count=count)] == edges


@pytest.mark.parametrize(
    ("part", "columns", "sql"),
    [
        (Part(table=T), ["id"], 'COPY "public"."t" ("id") TO STDOUT'),
        (Part(table=T), [], 'COPY "public"."t" TO STDOUT'),
        (
            Part(table=TableName('w"', "T"), low=3, high=9),
            ["ß"],
            'COPY (SELECT "ß" FROM ONLY "w"""."T" WHERE ctid >= \'(3,0)\' AND ctid < \'(9,0)\') TO STDOUT',
        ),
        (
            Part(table=T, where="id > 7 -- late"),
            ["id"],
            'COPY (SELECT "id" FROM ONLY "public"."t" WHERE (id > 7 -- late\n)) TO STDOUT',
        ),
    ],
    ids=["whole", "no columns", "range", "predicate"],
)
def test_the_copy_of_a_part(part, columns, sql):
    assert copy_sql(part, columns) == sql


def test_ranges_together_are_the_table(session):
    whole = list(read(session, Part(table=T), ["id", "note"]))
    ranged = [
        block
        for part in parts(T, pages=1024, count=4)
        for block in read(session, part, ["id", "note"])
    ]
    assert sorted(b"".join(ranged).splitlines()) == sorted(b"".join(whole).splitlines())
    assert b"".join(whole).count(b"\n") == 50000


def test_a_predicate_limits_rows(session):
    part = Part(table=T, where="id <= 10 OR id IS NULL -- and a comment")
    assert b"".join(read(session, part, ["id"])).count(b"\n") == 10


@pytest.mark.parametrize("where", [None, "true"])
def test_a_table_is_read_without_those_that_inherit(session, where):
    part = Part(table=TableName("public", "above"), where=where)
    assert b"".join(read(session, part, ["id"])) == b"1\n"


# -- blocks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("batch_bytes", [64, 4096, 8 << 20])
def test_blocks_end_with_a_row(session, batch_bytes):
    blocks = list(read(session, Part(table=T), ["id", "note"], batch_bytes=batch_bytes))
    assert all(block.endswith(b"\n") for block in blocks)
    assert sum(block.count(b"\n") for block in blocks) == 50000


def test_an_encrypted_connection_goes_through_psycopg(session, monkeypatch):
    plain = b"".join(read(session, Part(table=T), ["id", "note"]))
    monkeypatch.setattr(reading, "_encrypted", lambda _: True)
    monkeypatch.setattr(
        reading, "_through_socket", lambda *_: pytest.fail("read from an encrypted socket")
    )
    blocks = list(read(session, Part(table=T), ["id", "note"], batch_bytes=1 << 16))
    assert b"".join(blocks) == plain
    assert len(blocks) > 10


@pytest.mark.parametrize("encrypted", [False, True])
def test_marks_stand_before_every_row(session, monkeypatch, encrypted):
    plain = b"".join(read(session, Part(table=T), ["id", "note"]))
    monkeypatch.setattr(reading, "_encrypted", lambda _: encrypted)
    marked = b"".join(read(session, Part(table=T), ["id", "note"], marked=True))
    assert marked == b"".join(b"0000\t" + row for row in plain.splitlines(keepends=True))


def test_the_session_is_idle_again(session):
    begin_snapshot(session)
    for _ in range(3):
        assert sum(len(block) for block in read(session, Part(table=T), ["id"])) > 0
        assert session.one("SELECT 1") == 1
        assert session.in_transaction
    session.rollback()
    assert not session.in_transaction


def test_an_error_of_the_server_is_ours_and_holds_no_value(session):
    part = Part(table=T, where="note::int > 0")
    with pytest.raises(DataError) as caught:
        list(read(session, part, ["id"]))
    assert caught.value.sqlstate == "22P02"
    assert "nnn" not in str(caught.value)
    assert "reading public.t" in str(caught.value)


def test_who_stops_in_the_middle_leaves_the_session_closed(session):
    blocks = read(session, Part(table=T), ["id", "note"], batch_bytes=4096)
    next(blocks)
    blocks.close()
    assert session.closed


def test_a_lost_connection_is_told(production, url, session):
    pid = session.one("SELECT pg_backend_pid()")
    part = Part(table=T, where="pg_sleep(0.001) IS NOT NULL")
    killer = threading.Timer(
        0.3, lambda: production.sql(f"SELECT pg_terminate_backend({pid}, 5000)")
    )
    killer.start()
    with pytest.raises(TryAgainError):
        list(read(session, part, ["id"]))
    killer.join()


def test_max_duration_cancels(session):
    part = Part(table=T, where="pg_sleep(0.01) IS NOT NULL")
    began = time.monotonic()
    with pytest.raises(TryAgainError, match=r"took longer than 0\.3 s") as caught:
        list(read(session, part, ["id"], max_duration=0.3))
    assert caught.value.code == "max-duration"
    assert time.monotonic() - began < 5


def test_max_duration_that_suffices_leaves_nothing_behind(session):
    assert list(read(session, Part(table=T, where="id = 1"), ["id"], max_duration=60))
    assert session.one("SELECT 1") == 1
    assert not any(isinstance(thread, threading.Timer) for thread in threading.enumerate())


# -- snapshots -------------------------------------------------------------------------------------


def test_readers_share_one_snapshot(url, session):
    snapshot = begin_snapshot(session)
    with (
        Session.open(Address.parse(url), side=Side.TARGET) as writer,
        Session.open(Address.parse(url), side=Side.SOURCE) as reader,
    ):
        writer.execute("CREATE TABLE IF NOT EXISTS public.late (id int)")
        writer.execute("INSERT INTO public.t VALUES (0, 'late')")
        try:
            join_snapshot(reader, snapshot)
            part = Part(table=T, where="id = 0")
            assert list(read(reader, part, ["id"])) == []
        finally:
            writer.execute("DELETE FROM public.t WHERE id = 0; DROP TABLE public.late")
        reader.rollback()
    session.rollback()


def test_the_source_is_read_only_by_the_servers_word(session):
    with pytest.raises(ConfigError) as caught:
        session.execute("CREATE TABLE public.never (id int)")
    assert caught.value.sqlstate == "25006"


@pytest.mark.parametrize("snapshot", ["00000003-0000001B-1", "no snapshot"])
def test_a_snapshot_of_another_server_is_told_as_a_pooled_url(staging, snapshot):
    with Session.open(Address.parse(staging.url()), side=Side.SOURCE) as other:
        with pytest.raises(ConfigError) as caught:
            join_snapshot(other, snapshot)
        assert caught.value.code == "pooled-url"
        assert "pool" in caught.value.help
        assert not other.in_transaction


# -- encodings -------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def ascii_url(production):
    production.sql(
        "CREATE DATABASE bytes_only TEMPLATE template0 ENCODING 'SQL_ASCII' "
        "LOCALE_PROVIDER libc LOCALE 'C'"
    )
    production.sql(
        "SET client_encoding = SQL_ASCII;"
        "CREATE TABLE public.t (id int, note text);"
        r"INSERT INTO public.t VALUES (1, E'M\xfcller\tx')",
        database="bytes_only",
    )
    return production.url("bytes_only")


@pytest.mark.parametrize(
    ("encoding", "block"),
    [("LATIN1", "1\tMüller\\tx\n".encode()), ("win1251", "1\tMьller\\tx\n".encode())],
)
def test_declared_bytes_become_utf8(ascii_url, encoding, block):
    with Session.open(Address.parse(ascii_url), side=Side.SOURCE) as session:
        found = list(read(session, Part(table=T), ["id", "note"], encoding=encoding))
    assert found == [block]


def test_bytes_that_are_not_what_is_declared_are_refused(ascii_url):
    with (
        Session.open(Address.parse(ascii_url), side=Side.SOURCE) as session,
        pytest.raises(DataError, match="not UTF8") as caught,
    ):
        list(read(session, Part(table=T), ["id", "note"], encoding="UTF8"))
    assert "ller" not in str(caught.value)


def test_bytes_that_nobody_declared_are_refused(ascii_url):
    with (
        Session.open(Address.parse(ascii_url), side=Side.SOURCE) as session,
        pytest.raises(DataError, match="not text in its encoding") as caught,
    ):
        list(read(session, Part(table=T), ["id", "note"]))
    assert "encoding:" in caught.value.help


def test_the_descriptor_is_non_blocking_again(session):
    list(read(session, Part(table=T), ["id"]))
    assert not os.get_blocking(session.raw.pgconn.socket)
