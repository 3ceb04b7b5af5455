"""A new file takes the target's place, whoever is at work there and whenever a run dies."""

import contextlib
import errno
import os
import pathlib
import shutil
import signal
import sqlite3
import stat
import subprocess
import sys
import tempfile
import textwrap
import threading
import time

import pytest

from masker.engines.marker import LOADING, PREVIOUS, PUBLISHED, Marker
from masker.engines.sqlite import publish
from masker.engines.sqlite.build import Schema, create, finish
from masker.engines.sqlite.files import (
    aside_path,
    free_bytes,
    occupied,
    previous_path,
    remove,
    same_file,
    stuck,
    sync,
)
from masker.engines.sqlite.inlet import SqliteWriter
from masker.engines.sqlite.locks import drop_orphans, run_lock
from masker.engines.sqlite.marker import read_marker
from masker.engines.sqlite.publish import exchange, put_back
from masker.errors import ConfigError, TryAgainError
from tests.engines.sqlite.conftest import main, make

SCHEMA = Schema(
    entries=(), sequences=(), analysed=False, page_size=4096, encoding="UTF-8", auto_vacuum=0,
    application_id=0, user_version=0, journal_mode="delete",
)  # fmt: skip


def content(path):
    connection = sqlite3.connect(path)
    rows = connection.execute("SELECT a FROM t").fetchone()
    connection.close()
    return rows[0]


def loaded(target, run, value="new"):
    """Make the file that a run loads, whole."""
    made = make(target.with_name("made.db"), "CREATE TABLE t (a)")
    made.unlink()
    aside = aside_path(target, run)
    create(aside, SCHEMA)
    make(aside, f"CREATE TABLE t (a); INSERT INTO t VALUES ('{value}')")
    finish(aside, SCHEMA)
    return aside


def swap(target, run="r1", value="new", *, wait=0.0, keep_previous=True, schema=SCHEMA):
    aside = loaded(target, run, value)
    mark = Marker(target=target.name, run=run, state=LOADING, ledger="head")
    return exchange(target, aside, mark, schema=schema, wait=wait, keep_previous=keep_previous)


def staging(folder, mode="delete"):
    path = make(
        folder / "staging.db",
        f"PRAGMA journal_mode = {mode}; CREATE TABLE t (a); INSERT INTO t VALUES ('old')",
    )
    path.chmod(0o640)
    return path


@pytest.fixture
def target(tmp_path):
    return staging(tmp_path)


MODES = pytest.mark.parametrize("mode", ["delete", "wal", "persist"])


def mode_of(path):
    connection = sqlite3.connect(path)
    (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    connection.close()
    return mode


def names(target):
    return sorted(path.name for path in target.parent.iterdir())


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o027, 0o640), (0o077, 0o600)])
def test_a_first_target_is_no_wider_than_the_umask(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        swap(tmp_path / "staging.db")
        assert os.umask(umask) == umask
    finally:
        os.umask(before)
    assert stat.S_IMODE((tmp_path / "staging.db").stat().st_mode) == mode


@MODES
def test_the_new_file_takes_the_place_rights_and_mode_of_the_old_one(tmp_path, mode):
    target = staging(tmp_path, mode)
    before = mode_of(target)
    findings = swap(target)
    assert list(findings) == []
    assert content(target) == "new"
    assert content(previous_path(target)) == "old"
    assert stat.S_IMODE(target.stat().st_mode) == 0o640
    assert mode_of(target) == before
    assert mode_of(previous_path(target)) == before
    assert names(target) == ["staging.db", "staging.db_masker_previous"]
    assert read_marker(target) == Marker(
        target="staging.db", run="r1", state=PUBLISHED, ledger="head"
    )
    assert read_marker(previous_path(target)) is None  # it was never masker's


def test_each_run_keeps_the_copy_that_it_replaces_unless_told_otherwise(target):
    swap(target, "r1", "one")
    swap(target, "r2", "two")
    assert (content(target), content(previous_path(target))) == ("two", "one")
    assert read_marker(previous_path(target)).state == PREVIOUS
    swap(target, "r3", "three", keep_previous=False)
    assert (content(target), content(previous_path(target))) == ("three", "one")


@MODES
def test_a_rollback_changes_places_and_a_second_one_back(tmp_path, mode):
    target = staging(tmp_path, mode)
    before = mode_of(target)
    swap(target)
    for expected in (("old", "new"), ("new", "old")):
        put_back(target, wait=0)
        assert (content(target), content(previous_path(target))) == expected
        assert mode_of(target) == before
        assert names(target) == ["staging.db", "staging.db_masker_previous"]


def test_without_a_previous_copy_there_is_nothing_to_roll_back(target):
    with pytest.raises(ConfigError, match="nothing to roll back") as refused:
        put_back(target, wait=0)
    assert refused.value.code == "no-previous"


@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_a_target_that_is_not_there_comes_into_being(tmp_path, mode):
    target = tmp_path / "fresh.db"
    (tmp_path / "fresh.db-wal").write_bytes(b"of a file that somebody removed")
    schema = Schema(**{n: getattr(SCHEMA, n) for n in Schema.__slots__} | {"journal_mode": mode})
    assert list(swap(target, schema=schema)) == []
    assert content(target) == "new"
    assert mode_of(target) == mode
    assert target.stat().st_nlink == 1
    assert names(target) == ["fresh.db"]


def test_a_target_that_somebody_made_meanwhile_is_not_replaced(tmp_path, monkeypatch):
    target = tmp_path / "fresh.db"
    prepare = publish._prepare

    def late(*args, **more):
        prepare(*args, **more)
        make(target, "CREATE TABLE t (a); INSERT INTO t VALUES ('theirs')")

    monkeypatch.setattr(publish, "_prepare", late)
    with pytest.raises(TryAgainError, match="came into being"):
        swap(target)
    assert content(target) == "theirs"


# -- others at work --------------------------------------------------------------------------------


@pytest.mark.parametrize("begin", ["BEGIN IMMEDIATE", "BEGIN"])
@pytest.mark.parametrize("mode", ["delete", "wal"])
def test_whoever_reads_or_writes_is_waited_for_and_then_left_alone(tmp_path, begin, mode):
    target = staging(tmp_path, mode)
    other = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
    other.execute(begin)
    other.execute("SELECT * FROM t").fetchall()
    began = time.monotonic()
    with pytest.raises(TryAgainError, match="in use") as refused:
        swap(target, wait=0.3)
    assert refused.value.code == "target-in-use"
    assert 0.2 < time.monotonic() - began < 5
    other.close()
    assert content(target) == "old"
    assert mode_of(target) == mode
    swap(target, "r2", wait=5)
    assert content(target) == "new"


def test_waiting_pays(target):
    other = sqlite3.connect(target, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    other.execute("INSERT INTO t VALUES ('late')")

    def done():
        other.execute("COMMIT")
        other.close()

    timer = threading.Timer(0.3, done)
    timer.start()
    swap(target, wait=10)
    timer.join()
    assert content(target) == "new"
    connection = sqlite3.connect(previous_path(target))
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    connection.close()


def test_an_idle_connection_keeps_the_file_in_its_place(tmp_path):
    target = make(tmp_path / "staging.db", "CREATE TABLE t (a); INSERT INTO t VALUES ('old')")
    idle = sqlite3.connect(target, isolation_level=None)
    idle.execute("SELECT * FROM t").fetchall()
    with pytest.raises(TryAgainError, match=str(os.getpid())) as refused:
        swap(target)
    assert refused.value.code == "target-in-use"
    idle.execute("INSERT INTO t VALUES ('kept')")
    idle.close()
    assert content(target) == "old"
    swap(target, "r2")
    assert content(target) == "new"


def test_one_that_came_at_the_last_moment_is_told_and_changes_nothing(tmp_path, monkeypatch):
    target = make(tmp_path / "staging.db", "CREATE TABLE t (a); INSERT INTO t VALUES ('old')")
    idle = sqlite3.connect(target, isolation_level=None)
    idle.execute("SELECT * FROM t").fetchall()
    monkeypatch.setattr(publish, "_wait_until_closed", lambda *_, **__: None)
    (finding,) = swap(target)
    assert (finding.code, finding.subject) == ("target-still-open", "staging.db")
    assert str(os.getpid()) in finding.help
    assert idle.execute("SELECT a FROM t").fetchall() == [("old",)]
    with pytest.raises(sqlite3.OperationalError, match="readonly"):
        idle.execute("INSERT INTO t VALUES ('lost')")
    idle.close()
    assert content(target) == "new"
    assert names(target) == ["staging.db", "staging.db_masker_previous"]


def test_a_hot_journal_is_rolled_back_into_the_old_file(tmp_path):
    """An application that was killed while it wrote: its journal must not meet the new file."""
    target = make(
        tmp_path / "staging.db",
        "CREATE TABLE t (a); INSERT INTO t VALUES ('old')",
        rows=[("INSERT INTO t VALUES (?)", [("x" * 1000,) for _ in range(200)])],
    )
    script = textwrap.dedent(f"""
        import os, signal, sqlite3
        c = sqlite3.connect({str(target)!r}, isolation_level=None)
        c.execute("PRAGMA cache_size = 5")
        c.execute("BEGIN")
        c.execute("UPDATE t SET a = 'spoiled'")
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    killed = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert killed.returncode == -signal.SIGKILL
    assert (tmp_path / "staging.db-journal").stat().st_size > 0
    swap(target)
    assert content(target) == "new"
    assert content(previous_path(target)) == "old"
    assert names(target) == ["staging.db", "staging.db_masker_previous"]


def test_what_a_wal_holds_belongs_to_the_old_file(tmp_path):
    target = make(
        tmp_path / "staging.db", "PRAGMA journal_mode = WAL; CREATE TABLE t (a); INSERT INTO t VALUES ('old')"
    )  # fmt: skip
    script = textwrap.dedent(f"""
        import os, signal, sqlite3
        c = sqlite3.connect({str(target)!r}, isolation_level=None)
        c.execute("INSERT INTO t VALUES ('in the WAL')")
        os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert (tmp_path / "staging.db-wal").stat().st_size > 0
    swap(target)
    assert content(target) == "new"
    connection = sqlite3.connect(previous_path(target))
    assert connection.execute("SELECT count(*) FROM t").fetchone() == (2,)
    connection.close()
    assert names(target) == ["staging.db", "staging.db_masker_previous"]


def test_a_folder_without_hard_links_keeps_no_copy_and_says_so(target, monkeypatch):
    def refuse(*_):
        raise PermissionError

    monkeypatch.setattr(type(target), "hardlink_to", refuse)
    with pytest.raises(ConfigError, match="hard links") as refused:
        swap(target)
    assert "keep_previous: 0" in refused.value.help
    assert content(target) == "old"
    swap(target, "r2", keep_previous=False)
    assert content(target) == "new"


# -- runs that die ---------------------------------------------------------------------------------

CHANGES = ("replace", "hardlink_to", "unlink")  # what makes an exchange step by step


@pytest.fixture
def exchanged(tmp_path):
    """Return a target that was exchanged once, and the file of the next run."""
    target = make(tmp_path / "staging.db", "CREATE TABLE t (a); INSERT INTO t VALUES ('old')")
    swap(target, "r0", "one")
    return target, loaded(target, "r1", "two")


def is_whole(target, what):
    """Tidy up as the next run does, and hold what must be there."""
    seen = content(target)
    with run_lock(target):
        drop_orphans(target)
    assert content(target) == seen
    if what == "exchange":
        assert (seen, content(previous_path(target))) in {("one", "old"), ("two", "one")}
    else:
        assert {seen, content(previous_path(target))} == {"one", "old"}
    assert names(target) == ["staging.db", "staging.db_masker_previous"]
    return seen


class Killed(BaseException):
    """What no code of ours expects."""


@pytest.mark.parametrize("what", ["exchange", "put_back"])
def test_an_exchange_cut_short_anywhere_leaves_one_of_the_two_whole(exchanged, what, monkeypatch):
    target, aside = exchanged
    saved = {path: path.read_bytes() for path in target.parent.iterdir()}
    seen = []
    for moment in range(1, 12):
        left = [moment]

        def dying(call, left=left):
            def change(*args, **more):
                left[0] -= 1
                if not left[0]:
                    raise Killed
                return call(*args, **more)

            return change

        with pytest.MonkeyPatch.context() as patch:
            for name in CHANGES:
                patch.setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
            patch.setattr(publish, "sync", dying(publish.sync))
            with contextlib.suppress(Killed):
                begun(what, target, aside)
        seen.append(is_whole(target, what))
        for path, raw in saved.items():
            path.unlink(missing_ok=True)
            path.write_bytes(raw)
        if left[0] > 0:
            break
    assert left[0] > 0  # the last one ran to its end
    assert len(set(seen)) == 2
    assert len(seen) > 5


def begun(what, target, aside):
    if what == "exchange":
        publish._rename(target, aside, run="r1", keep_previous=True)
    else:
        put_back(target, wait=0)


@pytest.mark.long
@pytest.mark.parametrize("moment", range(1, 6))
@pytest.mark.parametrize("what", ["exchange", "put_back"])
def test_a_killed_exchange_leaves_one_of_the_two_whole(exchanged, moment, what):
    target, aside = exchanged
    script = textwrap.dedent(f"""
        import os, pathlib, signal
        from masker.engines.sqlite import publish
        from tests.engines.sqlite.test_publish import CHANGES, begun
        left = [{moment}]
        def dying(call):
            def change(*args, **more):
                left[0] -= 1
                if not left[0]:
                    os.kill(os.getpid(), signal.SIGKILL)
                return call(*args, **more)
            return change
        for name in CHANGES:
            setattr(pathlib.Path, name, dying(getattr(pathlib.Path, name)))
        publish.sync = dying(publish.sync)
        begun({what!r}, pathlib.Path({str(target)!r}), pathlib.Path({str(aside)!r}))
    """)
    killed = subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert killed.returncode in {0, -signal.SIGKILL}
    is_whole(target, what)


def test_what_killed_runs_left_is_dropped_and_nothing_else(target):
    swap(target)
    half = aside_path(target, "half")
    create(half, SCHEMA)
    half.with_name(half.name + "-journal").write_bytes(b"")
    (target.parent / "staging.db_masker_empty").touch()
    loaded(target, "whole")
    broken = aside_path(target, "broken")
    create(broken, SCHEMA)
    with broken.open("r+b") as file:
        file.seek(100)
        file.write(b"\\xff" * 500)
    theirs = make(aside_path(target, "theirs"), "CREATE TABLE theirs (a)")
    aside_path(target, "notes").write_text("somebody's notes")
    other = make(target.with_name("staging.db2_masker_r1"), "CREATE TABLE t (a)")
    found = drop_orphans(target)
    assert sorted((f.code, f.subject) for f in found) == [
        ("orphan-dropped", "staging.db_masker_broken"),
        ("orphan-dropped", "staging.db_masker_empty"),
        ("orphan-dropped", "staging.db_masker_half"),
        ("orphan-dropped", "staging.db_masker_whole"),
        ("unknown-database", "staging.db_masker_notes"),
        ("unknown-database", "staging.db_masker_theirs"),
    ]
    assert names(target) == [
        "staging.db", other.name, "staging.db_masker_notes", "staging.db_masker_previous",
        theirs.name,
    ]  # fmt: skip


# -- what the system refuses -----------------------------------------------------------------------


def refusing(monkeypatch, step, fault, *, after=0):
    """Let a step on files fail, from a call of it on."""
    owner = os if step == "fsync" else pathlib.Path
    really, calls = getattr(owner, step), iter(range(100))

    def maybe(*args, **more):
        if next(calls) >= after:
            raise OSError(fault, os.strerror(fault))
        return really(*args, **more)

    monkeypatch.setattr(owner, step, maybe)


@pytest.mark.parametrize(
    ("fault", "kind"),
    [(errno.EPERM, ConfigError), (errno.EROFS, ConfigError), (errno.EIO, TryAgainError)],
)
@pytest.mark.parametrize("keep_previous", [True, False])
@pytest.mark.parametrize("step", ["replace", "chmod"])
def test_a_refusal_of_the_system_is_told_and_changes_nothing(
    target, monkeypatch, step, keep_previous, fault, kind
):
    refusing(monkeypatch, step, fault)
    with pytest.raises(kind) as refused:
        swap(target, keep_previous=keep_previous)
    assert refused.value.code == "file-refused"
    assert content(target) == "old"
    assert names(target) == ["staging.db", "staging.db_masker_r1"]


def test_a_first_target_that_is_refused_is_told(tmp_path, monkeypatch):
    for step in ("hardlink_to", "replace"):
        refusing(monkeypatch, step, errno.EPERM)
    with pytest.raises(ConfigError) as refused:
        swap(tmp_path / "fresh.db")
    assert refused.value.code == "file-refused"


def test_a_rollback_that_is_refused_is_told(target, monkeypatch):
    swap(target)
    refusing(monkeypatch, "replace", errno.EPERM)
    with pytest.raises(ConfigError) as refused:
        put_back(target, wait=0)
    assert refused.value.code == "file-refused"
    assert content(target) == "new"


def test_an_old_copy_that_cannot_take_its_name_undoes_no_publishing(target, monkeypatch):
    refusing(monkeypatch, "replace", errno.EPERM, after=1)
    (told,) = swap(target)
    monkeypatch.undo()
    assert told.code == "previous-not-kept"
    assert content(target) == "new"
    assert content(aside_path(target, "r1_expired")) == "old"
    drop_orphans(target)
    assert content(previous_path(target)) == "old"


@pytest.mark.parametrize("ask", [remove, sync, free_bytes])
def test_what_is_asked_of_files_alone_is_told_as_well(target, monkeypatch, ask):
    refusing(monkeypatch, "unlink", errno.EACCES)
    refusing(monkeypatch, "fsync", errno.EACCES)

    def fail(_):
        raise PermissionError(errno.EACCES, "Permission denied")

    monkeypatch.setattr(shutil, "disk_usage", fail)
    with pytest.raises(ConfigError, match="permission denied"):
        ask(target)


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can be two users")
@pytest.mark.parametrize("keep_previous", [True, False])
def test_anothers_file_in_a_sticky_folder_is_told_before_it_is_touched(keep_previous):
    nobody = 65534
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        folder.chmod(0o1777)
        target = staging(folder)
        target.chmod(0o666)
        assert list(stuck(target, keep_previous=True)) == []  # root may
        os.seteuid(nobody)
        try:
            aside = loaded(target, "r1")
            mark = Marker(target=target.name, run="r1", state=LOADING, ledger="head")
            with pytest.raises(ConfigError) as refused:
                exchange(target, aside, mark, schema=SCHEMA, wait=0.0, keep_previous=keep_previous)
        finally:
            os.seteuid(0)
        assert [each.id for each in refused.value.findings] == ["sticky-folder:staging.db"]
        assert content(target) == "old"
        assert names(target) == ["staging.db", "staging.db_masker_r1"]


# -- locks, files, markers -------------------------------------------------------------------------


def test_one_run_at_a_time(target):
    before = names(target)
    with (
        run_lock(target),
        pytest.raises(TryAgainError, match="another run") as refused,
        run_lock(target),
    ):
        pass
    assert refused.value.code == "target-locked"
    with run_lock(target):
        pass
    assert names(target) == before


def test_a_killed_run_s_lock_is_free(target):
    script = textwrap.dedent(f"""
        import os, pathlib, signal
        from masker.engines.sqlite.locks import run_lock
        with run_lock(pathlib.Path({str(target)!r})):
            os.kill(os.getpid(), signal.SIGKILL)
    """)
    subprocess.run([sys.executable, "-c", script], check=False, timeout=60)
    assert aside_path(target, "lock").exists()
    with run_lock(target):
        pass


def test_the_target_s_folder_must_be_there(tmp_path):
    with pytest.raises(ConfigError) as refused, run_lock(tmp_path / "no" / "staging.db"):
        pass
    assert refused.value.code == "no-folder"


@pytest.mark.skipif(os.geteuid() == 0, reason="root may write everywhere")
def test_the_target_s_folder_must_be_writable(target):
    target.parent.chmod(0o500)
    try:
        with pytest.raises(ConfigError) as refused, run_lock(target):
            pass
    finally:
        target.parent.chmod(0o700)
    assert refused.value.code == "folder-not-writable"


def test_one_file_by_whatever_name(target):
    link, hard, other = (target.with_name(name) for name in ("link", "hard", "other"))
    link.symlink_to(target)
    hard.hardlink_to(target)
    other.write_bytes(target.read_bytes())
    assert same_file(target, link)
    assert same_file(hard, link)
    assert not same_file(target, other)
    assert not same_file(target, target.with_name("missing"))
    assert same_file(target.with_name("missing"), target.parent / "." / "missing")


def test_whether_a_file_is_occupied(tmp_path):
    assert not occupied(tmp_path / "missing.db")
    empty = make(
        tmp_path / "empty.db", "CREATE TABLE t (a INTEGER PRIMARY KEY AUTOINCREMENT); DROP TABLE t"
    )
    assert not occupied(empty)
    assert occupied(make(tmp_path / "view.db", "CREATE VIEW v AS SELECT 1"))
    (tmp_path / "zero.db").touch()
    assert not occupied(tmp_path / "zero.db")
    assert read_marker(tmp_path / "zero.db") is None
    assert free_bytes(tmp_path / "missing.db") > 0
    remove(empty)
    assert not empty.exists()


def test_the_marker_survives_vacuum_and_goes_with_the_file(target):
    swap(target)
    connection = sqlite3.connect(target)
    connection.execute("INSERT INTO t VALUES ('of the application')")
    connection.commit()
    for statement in ("VACUUM", "ANALYZE", "VACUUM"):
        connection.execute(statement)
    listed = connection.execute(
        "SELECT name FROM sqlite_schema WHERE name NOT LIKE 'sqlite_%'"
    ).fetchall()
    connection.close()
    assert listed == [("t",)]
    assert read_marker(target).run == "r1"
    # Somebody puts production's file there, into the same inode.
    theirs = make(target.with_name("production.db"), "CREATE TABLE t (a)")
    target.write_bytes(theirs.read_bytes())
    assert read_marker(target) is None


def test_a_file_is_loaded_while_it_has_no_marker(target):
    aside = aside_path(target, "r1")
    create(aside, SCHEMA)
    make(aside, "CREATE TABLE t (a)")
    with SqliteWriter(aside).open() as inlet, inlet.load(main("t"), ["a"]) as write:
        assert write([("x" * 10_000,)]) > 0
    assert read_marker(aside) is None
