"""Figures for Prometheus: what they say, over HTTP and in a file, and nothing personal."""

import urllib.request
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import pytest
from prometheus_client import generate_latest
from prometheus_client.parser import text_string_to_metric_families

from masker.errors import ConfigError, TryAgainError
from masker.keys import Keyring
from masker.ledger import append
from masker.schedule.metrics import Figures

KEY = Keyring.parse(Keyring.new_text())
NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)


def line(path, day, pipeline="shop", outcome="published", **facts):
    known = {
        "started": f"2026-11-2{day}T03:00:00+00:00",
        "finished": f"2026-11-2{day}T03:01:30+00:00",
        "exit_code": 0,
        "rows": 100 * day,
    }
    append(
        path,
        {"run": f"r{pipeline}{day}", "pipeline": pipeline, "outcome": outcome, **known, **facts},
        keys=KEY,
    )


@pytest.fixture
def figures(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    line(ledger, 0)
    line(ledger, 1, outcome="publishing")
    line(ledger, 1)
    line(ledger, 2, outcome="refused", exit_code=3, rows=0)
    line(ledger, 1, pipeline="crm")
    append(ledger, {"run": "r1", "pipeline": "shop", "outcome": "rolled-back"}, keys=KEY)
    return Figures(ledger)


def read(text):
    return {
        (sample.name, *sample.labels.values()): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
    }


def test_what_they_say(figures):
    waiting = SimpleNamespace(name="shop", begins=NOW, attempt=None)
    figures.look([waiting], [Path("crm.yaml")], now=NOW, untold={"shop": 2})
    found = read(generate_latest(figures.registry).decode())
    assert found["masker_runs_total", "published", "shop"] == 2
    assert found["masker_runs_total", "refused", "shop"] == 1
    assert found["masker_last_run_exit_code", "shop"] == 3
    assert found["masker_last_run_duration_seconds", "shop"] == 90
    assert found["masker_last_run_rows", "crm"] == 100
    last = found["masker_last_run_timestamp_seconds", "shop"]
    well = found["masker_last_success_timestamp_seconds", "shop"]
    assert last - well == 24 * 3600
    assert found["masker_next_run_timestamp_seconds", "shop"] == NOW.timestamp()
    assert found["masker_running", "shop"] == 0
    assert found["masker_file_wrong", "crm.yaml"] == 1
    assert found["masker_webhook_failures_total", "shop"] == 2
    assert found["masker_scheduler_beat_timestamp_seconds",] == NOW.timestamp()
    assert not [name for name in found if "rolled-back" in name]


def test_what_was_skipped_names_the_run_that_succeeded(tmp_path):
    ledger = tmp_path / "ledger.jsonl"
    line(ledger, 2, outcome="skipped", run="20261121030002_91c4", rows=0)
    line(ledger, 2, pipeline="crm", outcome="skipped", run="", exit_code=6, rows=0)
    found = read(generate_latest(Figures(ledger).registry).decode())
    began = datetime(2026, 11, 21, 3, 0, 2, tzinfo=UTC)
    assert found["masker_last_success_timestamp_seconds", "shop"] == began.timestamp()
    assert ("masker_last_success_timestamp_seconds", "crm") not in found


def test_a_scrape_over_http_sees_the_newest_line(figures, tmp_path):
    with figures.served("127.0.0.1:0") as server:
        url = f"http://127.0.0.1:{server.server_port}/metrics"
        before = read(urllib.request.urlopen(url).read().decode())
        line(tmp_path / "ledger.jsonl", 3)
        after = read(urllib.request.urlopen(url).read().decode())
    with pytest.raises(urllib.error.URLError):
        urllib.request.urlopen(url)
    assert before["masker_last_run_exit_code", "shop"] == 3
    assert after["masker_last_run_exit_code", "shop"] == 0


def test_a_file_holds_the_same(figures, tmp_path):
    figures.write(tmp_path / "masker.prom")
    text = (tmp_path / "masker.prom").read_text()
    assert text == generate_latest(figures.registry).decode()
    assert [path.name for path in tmp_path.iterdir() if "prom" in path.name] == ["masker.prom"]


def test_no_ledger_yet_is_no_failure(tmp_path):
    assert "masker_runs_total{" not in generate_latest(Figures(tmp_path / "x").registry).decode()


def test_a_file_that_cannot_be_written(figures, tmp_path):
    with pytest.raises(TryAgainError, match="metrics cannot be written"):
        figures.write(tmp_path / "nowhere" / "masker.prom")


@pytest.mark.parametrize("place", ["9464", "127.0.0.1:", "127.0.0.1:99999", "256.1.1.1:80"])
def test_a_place_that_is_none(figures, place):
    with pytest.raises(ConfigError) as caught, figures.served(place):
        pass
    assert caught.value.code == "bad-place"
