"""A small world for whole runs: people and their orders, a pipeline, and what users see of it."""

import hashlib
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import psycopg

from masker.keys import Keyring
from masker.pipelines.record import PUBLISHED, Run
from masker.pipelines.run import run
from tests.servers import Server

ROOT = Path(__file__).parents[2]
KEYS = [hashlib.sha256(f"key {number}".encode()).hexdigest() for number in range(20)]
KEY, OTHER_KEY = KEYS[:2]
RUN_KEY = hashlib.sha256(b"the key of one run").digest()
KEPT = {"", "_masker_previous"}  # databases of a target that has been refreshed, less its name

TABLES = """
CREATE TABLE people (
  id integer PRIMARY KEY,
  name text NOT NULL,
  email text NOT NULL UNIQUE,
  phone text NOT NULL,
  notes text,
  doc jsonb,
  search tsvector
);
CREATE TABLE orders (
  id integer PRIMARY KEY,
  person_id integer NOT NULL REFERENCES people,
  total numeric(10,2)
);
"""
# Numbers are spread by multiplication, so that neighbours share no digits and none occurs twice.
ROWS = """
INSERT INTO people
SELECT i,
       first || ' ' || last,
       lower(first) || '.' || lower(last) || i || '@mail' || i % 7 || '.test',
       '+1 415 ' || lpad((1000000 + i::bigint * 7654321 % 8999993)::text, 7, '0'),
       {notes},
       jsonb_build_object('plan', 'plan ' || i % 3, 'seen', i % 100),
       to_tsvector('simple', 'has called')
  FROM (SELECT i,
               (ARRAY['Anna','Omar','Lena','Igor','Mara','Yuki','Paul','Rosa'])[1 + i % 8] AS first,
               (ARRAY['Adler','Brandt','Conti','Duarte','Engel'])[1 + i % 5] AS last
          FROM generate_series(1, {rows}) i) _;
INSERT INTO orders SELECT i, 1 + i % {rows}, i % 500 FROM generate_series(1, {rows}) i;
ANALYZE;
"""
PIPELINE = """
version: 1
name: world
source: {{url: "${{SOURCE_URL}}", schemas: [public], limits: {limits}}}
target: {target}
columns:
  people:
    id: keep
    name: full_name
    email: email
    phone: {{use: phone, with: {{range: format}}}}
    notes: keep
    doc: {doc}
    search: keep
  orders: {{"*": keep}}
accept: ["live-range:public.people.phone"]
workers: {workers}
"""
SLOW_INDEX = """
CREATE FUNCTION slowly(word text) RETURNS text LANGUAGE plpgsql IMMUTABLE AS $$
BEGIN PERFORM pg_catalog.pg_sleep(0.003); RETURN word; END $$;
CREATE INDEX ON people (slowly(name));
"""
BUILDING = """
SELECT count(*) FROM pg_catalog.pg_stat_activity
 WHERE state = 'active' AND application_name = 'masker' AND query LIKE '%CREATE INDEX%'
"""
SEEN = """
SELECT count(*), md5(string_agg(p::text, E'\\n' ORDER BY id)),
       (SELECT count(*) FROM orders), (SELECT count(*) FROM pg_constraint WHERE convalidated)
  FROM people p
"""


NOTES = "'has called ' || i % 9 || ' times'"
LONG_NOTES = "repeat('has called ' || i % 9 || ' times ', 80)"


def populate(server: Server, database: str, *, rows: int, notes: str = NOTES) -> str:
    """Create a database of so many people and orders; return its name."""
    server.create_database(database)
    server.sql(TABLES + ROWS.format(rows=rows, notes=notes), database=database)
    return database


@dataclass(kw_only=True)
class World:
    """One source, one target, one folder from which masker is called, and a private TMPDIR."""

    source: str
    target: str
    staging: Server
    folder: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("work", "home", "tmp"):
            (self.folder / name).mkdir(parents=True)
        self.environ = {
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(ROOT),
            "HOME": str(self.folder / "home"),
            "TMPDIR": str(self.folder / "tmp"),
            "LC_ALL": "C.UTF-8",
            "SOURCE_URL": self.source,
            "TARGET_URL": self.target,
            "MASKER_KEY": KEY,
        }
        self.write()

    @property
    def work(self) -> Path:
        return self.folder / "work"

    @property
    def pipeline(self) -> Path:
        return self.work / "world.yaml"

    @property
    def records(self) -> Path:
        return self.work / "masker-records"

    @property
    def name(self) -> str:
        return self.target.rpartition("/")[2]

    def write(
        self,
        *,
        limits: str = "{}",
        target: str = '{url: "${TARGET_URL}"}',
        doc: str = "keep",
        workers: int = 1,
        more: str = "",
    ) -> None:
        text = PIPELINE.format(limits=limits, target=target, doc=doc, workers=workers)
        self.pipeline.write_text(text + more)

    # -- running -----------------------------------------------------------------------------

    def refresh(self, key: str = KEY, **options: object) -> Run:
        """Run in this process; the records are those that the command writes."""
        return run(
            self.pipeline,
            records=self.records,
            keys=Keyring.parse(key),
            environ=self.environ,
            **options,
        )

    def start(self, *arguments: str, moment: str = "", how: str = "kill") -> subprocess.Popen[str]:
        """Start `masker`; it is struck at a moment if one is named (see moments.py)."""
        program = ["tests.e2e.moments", how, moment] if moment else ["masker"]
        return subprocess.Popen(
            [sys.executable, "-m", *program, *(arguments or ("run", self.pipeline.name))],
            cwd=self.work,
            env=self.environ,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            start_new_session=True,
        )

    def command(self, *arguments: str, **options: str) -> subprocess.CompletedProcess[str]:
        return ended(self.start(*arguments, **options))

    # -- looking -----------------------------------------------------------------------------

    def seen(self) -> tuple[object, ...]:
        """Return what a user of the target sees: counts and a digest of every value."""
        with psycopg.connect(self.target) as session:
            row = session.execute(SEEN).fetchone()
        assert row is not None
        return row

    def databases(self) -> set[str]:
        """Return the databases named after the target, without its name's beginning."""
        names = self.staging.sql(
            f"SELECT datname FROM pg_database WHERE starts_with(datname, '{self.name}')"
        )
        return {name.removeprefix(self.name) for name in names.splitlines()}

    def sessions(self, server: Server, database: str) -> int:
        """Count masker's sessions on databases of a server whose name begins so."""
        return int(
            server.sql(
                "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'masker'"
                f" AND starts_with(datname, '{database}')"
            )
        )


def ended(process: subprocess.Popen[str], timeout: float = 60) -> subprocess.CompletedProcess[str]:
    """Wait for a process and return what it said."""
    try:
        out, err = process.communicate(timeout=timeout)
    finally:
        process.kill()
    return subprocess.CompletedProcess(process.args, process.returncode, out, err)


def until(reached: Callable[[], object], what: str, *, seconds: float = 20) -> None:
    """Wait until something holds, else fail."""
    deadline = time.monotonic() + seconds
    while not reached():
        assert time.monotonic() < deadline, f"not reached: {what}"
        time.sleep(0.02)


def quiet(server: Server) -> Callable[[], bool]:
    """Tell, when called, that masker has no session on a server."""
    count = "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'masker'"
    return lambda: server.sql(count) == "0"


@contextmanager
def running(process: subprocess.Popen[str]) -> Iterator[subprocess.Popen[str]]:
    """Make sure that a process does not outlive a test that fails."""
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


def children(pid: int) -> dict[int, str]:
    """Return the child processes of a process, by id, with their command lines."""
    found: dict[int, str] = {}
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            for child in thread.read_text().split():
                found[int(child)] = command(int(child))
        except OSError:  # it has ended
            continue
    return found


def command(pid: int) -> str:
    return Path(f"/proc/{pid}/cmdline").read_bytes().replace(b"\0", b" ").decode()


def workers_of(process: subprocess.Popen[str]) -> list[int]:
    return [pid for pid, line in children(process.pid).items() if "masker.runners.worker" in line]


def told(done: subprocess.CompletedProcess[str]) -> Mapping[str, object]:
    """Check that a failure is told as people can use it: no traceback, an error with its help."""
    said = done.stdout + done.stderr
    assert "Traceback" not in said, said
    assert "help:" in done.stderr or done.returncode == 130, said
    assert "masker made a mistake" not in said, said
    return {"code": done.returncode, "said": said}


def runs(world: World) -> set[str]:
    return {one["run"] for one in manifests(world)}


def published(world: World) -> set[str]:
    """Return the runs of which both manifest and ledger say that they published."""
    lines = map(json.loads, (world.records / "ledger.jsonl").read_text().splitlines())
    told = {line["run"] for line in lines if line["outcome"] == PUBLISHED}
    return told & {one["run"] for one in manifests(world) if one["outcome"] == PUBLISHED}


def last_manifest(world: World) -> str:
    return max(
        world.records.glob("world-*.json"), key=lambda path: path.stat().st_mtime
    ).read_text()


def manifests(world: World) -> list[dict[str, str]]:
    return [json.loads(path.read_text()) for path in world.records.glob("world-*.json")]
