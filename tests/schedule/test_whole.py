"""Whole runs through `masker schedule` on real servers: told, measured, stopped, killed, doubled."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
import time
import urllib.request
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import psycopg
import pytest
from prometheus_client.parser import text_string_to_metric_families

from masker.ledger import history
from tests.cli.conftest import KEY, KEYS, SCHEMA

PIPELINE = """\
version: 1
name: people
source: {{url: "${{SOURCE_URL}}"{limits}}}
target: {{url: "${{TARGET_URL}}"}}
columns:
  people: {{id: keep, name: full_name, email: email, born: keep}}
  notes: {{body: fake_text}}
schedule: {{cron: "0 3 * * *", catch_up: 2d, retries: 5, back_off: 1s}}
notify: [{{on: always, webhook: "${{OPS_WEBHOOK}}"}}]
publish: {publish}
"""
HOOK = "hook-s3cret-of-ops"
CANARIES = ("Anna Schmidt", "anna7@", "mail.test", HOOK, KEY)
SLOW = ", limits: {rows_per_second: 5}"


class Webhook:
    """A real server that keeps what was posted to it."""

    def __init__(self):
        posted = self.posted = []

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self):
                size = int(self.headers["Content-Length"])
                posted.append((self.path, self.rfile.read(size).decode()))
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/{HOOK}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def close(self):
        self.server.shutdown()
        self.server.server_close()


class Place:
    """A source, a target, a folder of pipelines, and the environment of schedulers."""

    def __init__(self, source, target, staging, folder, hook):
        self.source, self.target, self.staging = source, target, staging
        self.folder, self.hook = folder, hook
        (folder / "pipelines").mkdir()
        outer = {name: value for name, value in os.environ.items() if name not in KEYS}
        self.environ = {
            **outer,
            "SOURCE_URL": source,
            "TARGET_URL": target,
            "MASKER_KEY": KEY,
            "OPS_WEBHOOK": hook.url,
        }

    @property
    def name(self):
        return self.target.rpartition("/")[2]

    def write(self, *, limits="", publish="{}"):
        path = self.folder / "pipelines" / "people.yaml"
        path.write_text(PIPELINE.format(limits=limits, publish=publish))

    def records(self, name="records"):
        """Return a folder of records in which last night's run is missing."""
        records = self.folder / name
        if not records.exists():
            records.mkdir()
            settled = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat()
            status = {"pipelines": {"people": {"settled": settled}}}
            (records / "schedule.json").write_text(json.dumps(status))
        return records

    @contextmanager
    def scheduler(self, records, *more):
        """Start a scheduler as a process of its own; its log grows in `log`."""
        log = records / "log.txt"
        command = [sys.executable, "-m", "masker", "schedule", str(self.folder / "pipelines")]
        with (
            log.open("a") as out,
            subprocess.Popen(
                [*command, "--records", str(records), *more],
                cwd=self.folder,
                env=self.environ,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
            ) as process,
        ):
            process.log = log
            try:
                yield process
            finally:
                if process.poll() is None:
                    process.kill()

    def masked(self):
        """Return how many people there are in the target, 0 where there is no such table."""
        with psycopg.connect(self.target) as session:
            found = session.execute("SELECT to_regclass('people')").fetchone()[0]
            return session.execute("SELECT count(*) FROM people").fetchone()[0] if found else 0

    def databases(self):
        """Return the databases beside the target, less its name."""
        told = self.staging.sql("SELECT datname FROM pg_database")
        return {n.removeprefix(self.name) for n in told.split() if n.startswith(f"{self.name}_")}


def until(condition, what, *, process, seconds=90):
    deadline = time.monotonic() + seconds
    while not condition():
        said = process.log.read_text()
        assert process.poll() is None, said
        assert time.monotonic() < deadline, f"{what} did not happen: {said}"
        time.sleep(0.05)


def said(process, word):
    return lambda: word in process.log.read_text()


def scraped(port):
    """Return what stands at `/metrics`."""
    return urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics").read().decode()


def read(text):
    """Return every figure by its name, as Prometheus would read them."""
    return {
        sample.name: sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def stopped(process, seconds=60):
    process.send_signal(signal.SIGTERM)
    process.wait(seconds)
    return process.log.read_text()


@pytest.fixture
def place(production, staging, fresh_database, tmp_path):
    source, target = fresh_database(production, "sched"), fresh_database(staging, "sched")
    production.sql(SCHEMA, database=source.rpartition("/")[2])
    hook = Webhook()
    made = Place(source, target, staging, tmp_path, hook)
    yield made
    hook.close()
    staging.drop_database(f"{made.name}_masker_previous")


def test_a_run_is_published_told_and_measured_and_nothing_personal_is_in_any_of_it(place):
    place.write()
    records = place.records()
    options = ("--metrics", "127.0.0.1:0", "--metrics-file", str(records / "masker.prom"), "--json")
    with place.scheduler(records, *options) as process:
        until(lambda: place.hook.posted, "the webhook", process=process)
        log = [json.loads(line) for line in process.log.read_text().splitlines()]
        port = next(line["port"] for line in log if line["event"] == "metrics")
        # The notice goes out first; the figures follow once the next moment is known.
        until(
            lambda: read(scraped(port))["masker_next_run_timestamp_seconds"] > time.time(),
            "the next moment among the figures",
            process=process,
        )
        metrics = scraped(port)
        health = subprocess.run(
            [sys.executable, "-m", "masker", "schedule", "--health", "--records", str(records)],
            cwd=place.folder,
            capture_output=True,
            text=True,
            check=False,
        )
        assert (health.returncode, health.stdout) == (0, "the scheduler lives: people waiting\n")
        stopped(process)
        assert process.returncode == 0
    assert place.masked() == 50
    figures = read(metrics)
    assert figures["masker_last_run_exit_code"] == 0
    assert figures["masker_last_run_rows"] == 100
    assert figures["masker_runs_total"] == 1
    assert figures["masker_running"] == 0
    ((path, body),) = place.hook.posted
    told = json.loads(body)
    assert path == f"/{HOOK}"
    assert (told["event"], told["pipeline"], told["rows"]) == ("success", "people", 100)
    (entry,) = history(records / "ledger.jsonl")
    assert (entry.outcome, entry.exit_code, entry.run) == ("published", 0, told["run"])
    events = [line["event"] for line in log]
    assert events.index("begins") < events.index("phase") < events.index("published")
    everything = [metrics, body, health.stdout + health.stderr]
    everything += [each.read_text() for each in records.iterdir()]
    assert len(everything) >= 8
    for password in (place.source, place.target):
        secret = re.search(r"//[^:]*:([^@]*)@", password)[1]
        assert secret
        assert not [text for text in everything if secret in text]
    for canary in CANARIES:
        assert not [text for text in everything if canary in text]


@pytest.mark.long
def test_a_run_by_hand_tells_its_end_and_the_drift_of_its_source(place, production):
    place.write()
    command = [sys.executable, "-m", "masker", "run", "pipelines/people.yaml", "--quiet"]
    options = {"cwd": place.folder, "env": place.environ, "capture_output": True, "text": True}
    first = subprocess.run([*command, "--metrics-file", "masker.prom"], check=True, **options)
    production.sql(
        "ALTER TABLE people ADD COLUMN nickname text; UPDATE people SET nickname = 'Anna Schmidt'",
        database=place.source.rpartition("/")[2],
    )
    second = subprocess.run([*command, "--log-format", "json"], check=False, **options)
    assert second.returncode == 3
    bodies = [body for _, body in place.hook.posted]
    told = [json.loads(body) for body in bodies]
    assert [each["event"] for each in told] == ["success", "failure"]
    assert told[1]["events"] == ["failure", "drift"]
    assert told[1]["drift"] == ["column `public.people.nickname` is new (text)"]
    assert told[1]["exit_code"] == 3
    assert [each["id"] for each in told[1]["findings"]] == ["uncovered:public.people.nickname"]
    lines = [json.loads(line) for line in second.stderr.splitlines()]
    assert [line["event"] for line in lines][-2:] == ["refused", "told"]
    assert (
        'masker_runs_total{outcome="published",pipeline="people"} 1.0'
        in (place.folder / "masker.prom").read_text()
    )
    everything = [first.stdout, first.stderr, second.stdout, second.stderr, *bodies]
    assert not [canary for canary in CANARIES for text in everything if canary in text]


def test_a_stop_while_rows_move_leaves_the_old_data(place):
    place.write(limits=SLOW)
    records = place.records()
    with place.scheduler(records) as process:
        until(said(process, "people: load"), "loading", process=process)
        text = stopped(process)
        assert process.returncode == 0
    assert "people: abandoned before it published; nothing has changed" in text
    assert place.masked() == 0
    assert place.databases() == set()
    (entry,) = history(records / "ledger.jsonl")
    assert (entry.outcome, entry.exit_code, entry.codes) == ("failed", 130, ("stopped",))
    assert place.hook.posted == []


def test_a_stop_while_it_publishes_finishes_first(place):
    place.write(publish="{terminate: false, wait: 60s}")
    records = place.records()
    with psycopg.connect(place.target) as user, place.scheduler(records) as process:
        until(said(process, "people: publish"), "publishing", process=process)
        process.send_signal(signal.SIGTERM)
        until(said(process, "asked to stop; waits for people"), "the stop", process=process)
        time.sleep(0.5)
        assert process.poll() is None
        user.close()
        process.wait(60)
        text = process.log.read_text()
    assert "people: published run" in text
    assert "abandoned" not in text
    assert place.masked() == 50
    assert history(records / "ledger.jsonl")[-1].outcome == "published"


@pytest.mark.long
def test_a_scheduler_that_is_killed_takes_its_run_with_it_and_the_next_makes_up(place):
    place.write(limits=SLOW)
    records = place.records()
    with place.scheduler(records) as process:
        until(said(process, "people: load"), "loading", process=process)
        process.kill()
        process.wait()
    place.write()
    with place.scheduler(records) as process:
        until(said(process, "people: published"), "publishing", process=process)
        text = stopped(process)
    assert "missed; made up for once, now" in text
    assert place.masked() == 50
    assert place.databases() == {"_masker_previous"}


@pytest.mark.long
def test_two_schedulers_refresh_one_target_once(place):
    place.write(limits=", limits: {rows_per_second: 25}")
    folders = [place.records("here"), place.records("there")]
    with place.scheduler(folders[0]) as one, place.scheduler(folders[1]) as two:
        for process in (one, two):
            until(
                lambda log=process.log: re.search(r"people: (published|skipped)", log.read_text()),
                "an end",
                process=process,
            )
        texts = [stopped(one), stopped(two)]
    ends = [re.findall(r"people: (published|skipped: run \S+ has refreshed)", t) for t in texts]
    assert sorted(end[:9] for each in ends for end in each) == ["published", "skipped: "]
    assert "another run of masker works on the target" in "".join(texts)
    published = [
        entry.run
        for folder in folders
        for entry in history(folder / "ledger.jsonl")
        if entry.outcome == "published"
    ]
    assert len(published) == 1
    assert place.masked() == 50


@pytest.mark.long
def test_one_folder_has_one_scheduler_which_sees_its_files_change(place):
    place.write()
    records = place.folder / "fresh"
    records.mkdir()
    path = place.folder / "pipelines" / "people.yaml"
    with place.scheduler(records) as process:
        until(said(process, "people: is scheduled, next at"), "the start", process=process)
        second = subprocess.run(
            [sys.executable, "-m", "masker", "schedule", "pipelines", "--records", str(records)],
            cwd=place.folder,
            env=place.environ,
            capture_output=True,
            text=True,
            check=False,
        )
        assert second.returncode == 6
        assert "another scheduler works with" in second.stderr
        good = path.read_text()
        path.write_text(good.replace("full_name", "ful_name"))
        until(lambda: place.hook.posted, "the notice", process=process)
        path.write_text(good)
        until(said(process, "people: is scheduled anew"), "the change", process=process)
        text = stopped(process)
    told = json.loads(place.hook.posted[0][1])
    assert (told["event"], told["outcome"], told["exit_code"]) == ("failure", "refused", 2)
    assert [each["id"] for each in told["findings"]] == ["unknown-transformer:ful_name"]
    assert "its file is wrong, so it does not run until it is mended" in text
    assert "help: did you mean `full_name`?" in text
    assert history(records / "ledger.jsonl") == ()
    assert HOOK not in text
