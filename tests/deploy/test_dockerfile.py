"""The image: what its Dockerfile promises, and its very commands run here, without docker."""

import json
import re
import shlex
import signal
import subprocess
import sys
import time
import zipfile
from fnmatch import fnmatch
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", " ", (ROOT / "Dockerfile").read_text()).splitlines()
STEPS = [tuple(line.split(" ", 1)) for line in LINES if line and not line.startswith("#")]
PIPELINE = """\
version: 1
name: shop
source: {url: "postgresql://reader@127.0.0.1:1/shop"}
target: {url: "postgresql://loader@127.0.0.1:1/shop"}
schedule: {cron: "0 3 1 1 *"}
"""


def steps(word):
    return [rest for name, rest in STEPS if name == word]


def test_it_is_built_in_one_stage_and_run_in_another():
    assert steps("FROM") == ["python:3.12-slim AS build", "python:3.12-slim"]
    last = max(n for n, (name, _) in enumerate(STEPS) if name == "FROM")
    run = STEPS[last:]
    assert not [rest for name, rest in run if name == "RUN" and "pip" in rest]
    assert [rest for name, rest in run if name == "COPY"] == [
        "--from=build /opt/masker /opt/masker"
    ]


def test_it_runs_as_nobody_special():
    assert steps("USER") == ["10001:10001"]
    after = STEPS[[name for name, _ in STEPS].index("USER") :]
    assert not [name for name, _ in after if name in {"RUN", "COPY", "ADD"}]


def test_no_secret_is_baked_in():
    told = " ".join(rest for name, rest in STEPS if name in {"ENV", "ARG", "LABEL"})
    assert not re.search(r"KEY|PASSWORD|URL|SECRET|TOKEN", told)
    ignored = (ROOT / ".dockerignore").read_text().split("\n")
    assert next(line for line in ignored if line and not line.startswith("#")) == "*"
    allowed = [line[1:] for line in ignored if line.startswith("!")]
    assert not [name for name in ("secrets", ".git", "tests", ".venv") if name in allowed]


def test_what_is_copied_is_enough_to_build_from(tmp_path):
    pytest.importorskip("hatchling", reason="hatchling, the build backend, is not installed here")
    allowed = [line[1:] for line in (ROOT / ".dockerignore").read_text().split() if line[0] == "!"]
    for copied in steps("COPY"):
        if copied.startswith("--from"):
            continue
        *names, there = copied.split()
        for name in names:
            assert any(fnmatch(name, pattern) for pattern in allowed), name
            target = tmp_path / there / (name if there in {".", "./"} else "")
            if (ROOT / name).is_dir():
                subprocess.run(["cp", "-r", str(ROOT / name), str(target).rstrip("/")], check=True)
            else:
                target.parent.mkdir(parents=True, exist_ok=True)
                target.write_bytes((ROOT / name).read_bytes())
    subprocess.run(
        [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", tmp_path / "dist"],
        cwd=tmp_path,
        check=True,
        capture_output=True,
    )
    (wheel,) = (tmp_path / "dist").glob("*.whl")
    held = zipfile.ZipFile(wheel).namelist()
    assert "masker/schedule/scheduler.py" in held
    assert "masker/share/pipelines/shop.yaml" in held


def test_its_command_works_and_its_health_check_sees_it(tmp_path):
    (tmp_path / "pipelines").mkdir()
    (tmp_path / "records").mkdir()
    (tmp_path / "pipelines" / "shop.yaml").write_text(PIPELINE)
    here = {
        "/pipelines": str(tmp_path / "pipelines"),
        "/records": str(tmp_path / "records"),
        "0.0.0.0:9464": "127.0.0.1:0",
    }
    assert steps("ENTRYPOINT") == ['["masker"]']
    command = [here.get(word, word) for word in json.loads(steps("CMD")[0])]
    program = f"{shlex.quote(sys.executable)} -m masker"
    (check,) = re.findall(r" CMD (masker .*)", steps("HEALTHCHECK")[0])
    check = check.replace("masker", program, 1).replace("/records", here["/records"])

    def healthy():
        return subprocess.run(["sh", "-c", check], capture_output=True, check=False).returncode

    assert healthy() == 1
    with subprocess.Popen(
        [sys.executable, "-m", "masker", *command],
        cwd=tmp_path,
        stderr=subprocess.PIPE,
        text=True,
    ) as process:
        try:
            deadline = time.monotonic() + 60
            while healthy() != 0:
                assert process.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.2)
            process.send_signal(getattr(signal, steps("STOPSIGNAL")[0]))
            _, told = process.communicate(timeout=30)
        finally:
            process.kill()
    assert process.returncode == 0
    events = [json.loads(line)["event"] for line in told.splitlines()]
    assert events == ["metrics", "scheduled", "stopping", "stopped"]
    assert healthy() == 1
