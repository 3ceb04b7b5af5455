"""SQLite files on the whole road when things go wrong: kills, leaks, refusals, others at work."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
from contextlib import closing
from pathlib import Path

import pytest

from masker.cli.app import run_command_line
from masker.engines.sqlite.locks import run_lock
from masker.errors import ConfigError, LeakError, TryAgainError, UnsafeError
from masker.pipelines.run import run
from tests.e2e import liars
from tests.e2e.files import ROWS, Files
from tests.e2e.watching import Watcher, watched
from tests.e2e.world import KEY, OTHER_KEY

KEPT = {"", "_masker_previous"}
LONG = pytest.mark.long


@pytest.fixture
def files(tmp_path):
    return Files(tmp_path)


@pytest.fixture
def at_work(files, monkeypatch):
    monkeypatch.chdir(files.folder)
    for name in ("SOURCE_URL", "TARGET_URL", "MASKER_KEY"):
        monkeypatch.setenv(name, files.environ[name])
    return files


def opened(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, isolation_level=None, timeout=0.1)


@pytest.mark.parametrize(
    "moment",
    [
        "file-linked",
        pytest.param("audit", marks=LONG),
        pytest.param("file-made", marks=LONG),
        pytest.param("copy", marks=LONG),
        pytest.param("file-finished", marks=LONG),
    ],
)
def test_killed_before_the_replace_nothing_has_changed(files, moment):
    files.refresh()
    files.refresh(key=OTHER_KEY)
    old = files.seen()
    files.strike(moment, key=KEY)
    assert files.seen() == old
    assert files.beside() > KEPT
    done = files.refresh()
    assert done.outcome == "published"
    assert files.beside() == KEPT
    assert "orphan-dropped" in {finding.code for finding in done.findings}


@pytest.mark.long
@pytest.mark.parametrize(
    "moment",
    [
        "file-replaced",
        pytest.param("file-kept", marks=LONG),
        pytest.param("manifest", marks=LONG),
    ],
)
def test_killed_after_the_replace_the_new_data_is_there(files, moment):
    files.refresh()
    new = files.seen()
    files.refresh(key=OTHER_KEY)
    old = files.seen()
    files.strike(moment, key=KEY)
    assert files.seen() == new
    done = files.refresh(key=OTHER_KEY)
    assert files.seen() == old
    assert files.beside() == KEPT
    assert "settled" in {finding.code for finding in done.findings}


def test_masked_keys_keep_their_references(files):
    text = files.folder / "files.yaml"
    text.write_text(text.read_text().replace("    id: keep\n", "    id: integer\n"))
    files.refresh()
    files.seen()  # no foreign key dangles
    with closing(opened(files.target)) as db:
        joined = "SELECT count(*) FROM orders JOIN people ON people.id = person_id"
        assert db.execute(joined).fetchone() == (ROWS,)
        assert db.execute("SELECT count(*) FROM people WHERE id <= ?", [ROWS]).fetchone() == (0,)
        assert db.execute("SELECT DISTINCT typeof(person_id) FROM orders").fetchall() == [
            ("integer",)
        ]


def test_killed_the_first_time_there_is_no_target(files):
    files.strike("file-finished", key=KEY)
    assert not files.target.exists()
    files.refresh()
    assert files.beside() == {""}


def test_interrupted_it_leaves_nothing(files):
    files.refresh()
    old = files.seen()
    assert files.strike("audit", key=OTHER_KEY, how="interrupt") == 130
    assert files.seen() == old
    assert files.beside() == {""}


LYING = {"e-mail: itself": liars.EmailItself, "phone: itself": liars.PhoneItself}
PLANTED = {
    "notes": ("notes", "UPDATE people SET notes = 'ask ' || upper(email) || '.' WHERE id = 7"),
    "blob": ("notes", "UPDATE people SET notes = CAST('x ' || email AS BLOB) WHERE id = 7"),
    "partial index": (
        "index known",
        "CREATE INDEX known ON people (id) WHERE email = 'omar9@mail2.test'",
    ),
    "view": ("definition of main.v", "CREATE VIEW v AS SELECT 'omar9@mail2.test' AS x"),
    "trigger": (
        "trigger t on main.orders",
        "CREATE TRIGGER t DELETE ON orders BEGIN SELECT 'omar9@mail2.test'; END",
    ),
    "default": (
        "default of main.people.more",
        "ALTER TABLE people ADD COLUMN more TEXT DEFAULT 'omar9@mail2.test'",
    ),
}


@pytest.mark.parametrize(
    "planted",
    [pytest.param(name, marks=() if name in {"notes", "blob"} else LONG) for name in PLANTED],
)
def test_a_planted_leak_is_found(at_work, capsys, planted):
    place, statement = PLANTED[planted]
    at_work.refresh()
    old = at_work.seen()
    at_work.sql(statement)
    if planted == "default":
        text = at_work.folder.joinpath("files.yaml")
        text.write_text(
            text.read_text().replace("    notes: keep", "    notes: keep\n    more: keep")
        )
    code = run_command_line(["run", "files.yaml"])
    said = capsys.readouterr()
    assert code == LeakError.exit_code, said.err
    assert place in said.err
    assert at_work.seen() == old
    assert at_work.beside() == {""}
    assert "omar9@mail2.test" not in said.err
    assert "omar7" not in (said.err + said.out)


@pytest.mark.parametrize("liar", LYING.values(), ids=LYING)
def test_a_transformer_that_lies_is_found(at_work, monkeypatch, capsys, liar):
    liars.install(monkeypatch, liar, name=liar.name)
    monkeypatch.setattr(liars, "ONE_IN", 100)
    at_work.sql("DELETE FROM orders")
    code = run_command_line(["run", "files.yaml"])
    said = capsys.readouterr()
    assert code == LeakError.exit_code, said.err
    assert re.search(r"^error leak:main\.people\.(email|phone)$", said.err, re.MULTILINE)
    assert at_work.beside() == set()


def refusal(files, **urls):
    with pytest.raises((UnsafeError, ConfigError, TryAgainError)) as caught:
        run(
            files.folder / "files.yaml",
            records=files.folder / "masker-records",
            environ={**files.environ, **urls},
        )
    return caught.value.exit_code, {finding.id for finding in caught.value.findings.blocking}


@pytest.mark.parametrize("way", ["itself", "relative", "symbolic link", "hard link"])
def test_the_source_is_never_the_target(files, monkeypatch, way):
    monkeypatch.chdir(files.folder)
    link = files.folder / "other.db"
    if way == "symbolic link":
        link.symlink_to(files.source)
    if way == "hard link":
        link.hardlink_to(files.source)
    url = {
        "itself": f"sqlite:///{files.source}",
        "relative": "sqlite:///./origin.db",
    }.get(way, f"sqlite:///{link}")
    before = files.source.read_bytes()
    code, found = refusal(files, TARGET_URL=url)
    assert code == 3
    assert any(each.startswith("same-database") for each in found)
    assert files.source.read_bytes() == before


def test_a_target_that_holds_somebodys_data_is_refused(files):
    with closing(opened(files.target)) as db:
        db.execute("CREATE TABLE mine (x)")
    assert refusal(files) == (3, {"unmarked-target:staging.db"})
    with closing(opened(files.target)) as db:
        db.execute("DROP TABLE mine")
    assert files.refresh().outcome == "published"


def test_a_target_that_is_called_production_is_refused(files):
    folder = files.folder / "prod"
    folder.mkdir()
    code, found = refusal(files, TARGET_URL=f"sqlite:///{folder}/app.db")
    assert (code, found) == (3, {"production-name:app.db"})


def test_the_source_is_no_copy_that_a_run_throws_away(files):
    kept = files.folder / "staging.db_masker_previous"
    files.source.rename(kept)
    code, found = refusal(files, SOURCE_URL=f"sqlite:///{kept}")
    assert (code, found) == (3, {"same-database:staging.db"})


@pytest.mark.parametrize(
    ("url", "told"),
    [
        ("sqlite:////no/such/folder/staging.db", {"no-folder:staging.db"}),
        ("postgresql://u@127.0.0.1:1/d", {"engines-differ:sqlite postgres"}),
        ("sqlite://", {"bad-url"}),
    ],
)
def test_a_target_that_cannot_be_is_refused(files, url, told):
    assert refusal(files, TARGET_URL=url) == (2, told)


def test_a_source_that_is_not_there_or_no_database(files):
    missing = files.folder / "missing.db"
    assert refusal(files, SOURCE_URL=f"sqlite:///{missing}")[0] == 2
    assert not missing.exists()
    missing.write_text("just a text, long enough to be looked at as if it were a database" * 20)
    assert refusal(files, SOURCE_URL=f"sqlite:///{missing}")[0] in {2, 5}


def test_a_target_at_work_is_not_replaced(files):
    files.refresh()
    old = files.seen()
    text = files.folder.joinpath("files.yaml")
    text.write_text(text.read_text() + "publish: {wait: 1s}\n")
    with closing(opened(files.target)) as user:
        user.execute("BEGIN IMMEDIATE")
        user.execute("UPDATE people SET notes = 'mine' WHERE id = 1")
        assert refusal(files) == (6, {"target-in-use:staging.db"})
        user.execute("ROLLBACK")
    assert files.seen() == old
    assert files.beside() == {""}


IDLE = """
import sqlite3, sys
user = sqlite3.connect(sys.argv[1])
user.execute("SELECT count(*) FROM people").fetchone()
print("open", flush=True)
sys.stdin.read()
"""


def test_an_idle_program_is_told_early_and_waited_for(files):
    files.refresh()
    old = files.seen()
    text = files.folder.joinpath("files.yaml")
    text.write_text(text.read_text() + "publish: {wait: 1s}\n")
    idle = subprocess.Popen(
        [sys.executable, "-c", IDLE, files.target], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert idle.stdout.readline() == b"open\n"
        assert refusal(files) == (6, {"target-in-use:staging.db"})
        assert files.seen() == old
        manifest = max(
            files.folder.glob("masker-records/*.json"), key=lambda path: path.stat().st_mtime_ns
        )
        assert "target-open" in manifest.read_text()
    finally:
        idle.communicate()
    files.refresh(key=OTHER_KEY)
    assert files.seen() != old
    assert files.beside() == KEPT


def test_a_journal_or_a_wal_of_the_old_file_never_meets_the_new(files):
    files.refresh()
    with closing(opened(files.target)) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA wal_autocheckpoint = 0")
        db.execute("UPDATE people SET notes = 'in the log' WHERE id = 1")
        wal, shm = (Path(f"{files.target}{end}").read_bytes() for end in ("-wal", "-shm"))
    # As a crash leaves it: the change is in the log alone.
    Path(f"{files.target}-wal").write_bytes(wal)
    Path(f"{files.target}-shm").write_bytes(shm)
    files.refresh(key=OTHER_KEY)
    new = files.seen()
    with closing(opened(files.target)) as db:
        assert db.execute("PRAGMA journal_mode").fetchone() == ("wal",)
        assert db.execute("SELECT notes FROM people WHERE id = 1").fetchone() == ("called 1 times",)
    assert files.seen() == new
    with closing(opened(files.folder / "staging.db_masker_previous")) as db:
        assert db.execute("SELECT notes FROM people WHERE id = 1").fetchone() == ("in the log",)


def test_no_source_value_touches_the_disk_and_the_source_is_not_touched(tmp_path, monkeypatch):
    files, work, tmp = Files(tmp_path), tmp_path / "work", tmp_path / "tmp"
    work.mkdir()
    tmp.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(tmp))
    monkeypatch.setenv("SQLITE_TMPDIR", str(tmp))
    origin = tmp_path / "elsewhere.db"
    files.source.rename(origin)
    before = origin.read_bytes()
    emails = [row[0] for row in closing_rows(origin, "SELECT email FROM people LIMIT 50")]
    watcher = Watcher(tmp_path, [email for email in emails if len(email) > 8])
    watcher.look_at_files()
    assert watcher.found == {str(origin)}  # it can find them
    urls = {"SOURCE_URL": f"sqlite:///{origin}", "TARGET_URL": f"sqlite:///{work}/t.db"}
    with watched(watcher, os.getpid()):
        for _ in range(2):
            run(
                files.folder / "files.yaml",
                records=work / "records",
                environ={**files.environ, **urls},
            )
    assert watcher.found == {str(origin)}
    assert watcher.looked > 20
    assert origin.read_bytes() == before
    assert {path.name for path in tmp_path.iterdir() if path.name.startswith("elsewhere")} == {
        "elsewhere.db"
    }


def closing_rows(path, query):
    with closing(sqlite3.connect(path)) as db:
        return db.execute(query).fetchall()


def test_two_runs_do_not_meet(files):
    with run_lock(files.target):
        assert refusal(files) == (6, {"target-locked:staging.db"})
    assert files.refresh().outcome == "published"


def test_a_folder_that_cannot_be_written(files):
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    files.folder.chmod(0o500)
    try:
        assert refusal(files)[0] == 2
    finally:
        files.folder.chmod(0o700)
