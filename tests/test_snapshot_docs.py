"""What docs/snapshot.md and the README show of snapshots is run, command by command, on the shop."""

import json
import os
import re
import shlex
import signal
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from masker.cli.app import run_command_line
from masker.demo.folder import shelf
from tests.pipelines.conftest import at
from tests.pipelines.refreshes import KEY, digests

ROOT = Path(__file__).parents[1]
FENCE = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)
PYTHON = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# Stores and terminals have tests of their own.
ELSEWHERE = re.compile(r"s3://|--before")


def commands(page: str, heading: str = "") -> list[str]:
    text = (ROOT / page).read_text(encoding="utf-8")
    if heading:
        text = text[text.index(f"\n## {heading}\n") :].split("\n## ")[1]
    lines = "\n".join(FENCE.findall(text)).splitlines()
    return [line for line in lines if line.startswith("masker ") and not ELSEWHERE.search(line)]


@pytest.fixture
def shell(
    production_roles, staging_roles, shop, staging, fresh_database, tmp_path, monkeypatch, capfd
):
    """Return what runs a command as a shell with the shop's variables would, and its output."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "pipelines" / "shop.yaml").write_text((shelf() / "shop.yaml").read_text())
    urls = {
        "SHOP_PRODUCTION_URL": at(production_roles.reader, shop),
        "SHOP_STAGING_URL": staging_roles.loader,
        "SHOP_TEST_URL": fresh_database(staging),
        "SHOP_QC_URL": fresh_database(staging),
        "MASKER_KEY": KEY,
    }
    for name, value in urls.items():
        monkeypatch.setenv(name, value)

    def run(command: str) -> str:
        code = run_command_line(shlex.split(command, comments=True)[1:])
        out, err = capfd.readouterr()
        assert code == 0, f"{command}\n{err}"
        return out

    yield run
    for name in ("SHOP_TEST_URL", "SHOP_QC_URL"):  # what the loads kept beside them
        database = urlsplit(urls[name]).path[1:]
        kept = staging.sql(f"SELECT datname FROM pg_database WHERE datname ~ '^{database}_masker'")
        for each in kept.splitlines():
            staging.drop_database(each)


@pytest.mark.long
def test_the_page_is_true(shell, tmp_path):
    shown = commands("docs/snapshot.md")
    assert len(shown) >= 7
    for command in shown:
        shell(command)
    assert {"customer-1042", "all", "first-look"} <= {path.name for path in tmp_path.iterdir()}
    both = [digests(os.environ[name]) for name in ("SHOP_TEST_URL", "SHOP_QC_URL")]
    assert both[0] == both[1] != {}
    (code,) = PYTHON.findall((ROOT / "docs" / "snapshot.md").read_text(encoding="utf-8"))
    exec(compile(code, "docs/snapshot.md", "exec"), {})


def scheduled(command: str, folder: Path) -> None:
    """Run a scheduler that finds last night's refresh missing until it is made up for."""
    pipeline = folder / "pipelines" / "shop.yaml"
    written = pipeline.read_text()
    pipeline.write_text(written.replace("schedule: {", "schedule: {catch_up: 24h, "))
    records = folder / "masker-records"
    records.mkdir()
    settled = (datetime.now(UTC) - timedelta(days=1, minutes=1)).isoformat()
    (records / "schedule.json").write_text(
        json.dumps({"pipelines": {"shop": {"settled": settled}}})
    )
    words = shlex.split(command, comments=True)[1:]
    log = folder / "scheduler.log"
    with (
        log.open("w") as out,
        subprocess.Popen([sys.executable, "-m", "masker", *words], stdout=out, stderr=out) as it,
    ):
        deadline = time.monotonic() + 120
        while "shop: published run" not in log.read_text() and time.monotonic() < deadline:
            if it.poll() is not None:
                break
            time.sleep(0.1)
        it.send_signal(signal.SIGTERM)
        assert it.wait(60) == 0, log.read_text()
    assert "shop: published run" in log.read_text()


def test_the_readme_refreshes_and_brings_back(shell, tmp_path):
    shown = commands("README.md", "Refresh staging every night")
    assert [command.split()[1] for command in shown] == ["schedule", "runs", "rollback"]
    scheduled(shown[0], tmp_path)
    shell("masker run pipelines/shop.yaml -q")  # else there is nothing to bring back
    told = [shell(command) for command in shown[1:]]
    night, last = [
        line["run"]
        for line in map(
            json.loads, (tmp_path / "masker-records" / "ledger.jsonl").read_text().splitlines()
        )
        if line["outcome"] == "published"
    ]
    assert last in told[0]
    assert f"holds the data of run {night}" in told[1]


def test_the_readme_is_true(shell, tmp_path):
    shown = commands("README.md", "Take a snapshot, load it anywhere")
    assert [command.split()[1] for command in shown] == ["snapshot", "load"]
    for command in shown:
        out = shell(command)
    assert out.startswith("published ")
