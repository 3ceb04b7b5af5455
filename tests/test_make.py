"""The Makefile's two commands: what is missing is said in plain words, what is there is used again."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
OLD = 'case "$1" in --version) echo Python 3.9.2;; *) exit 1;; esac'
BARE = 'case "$2" in *ensurepip*) exit 1;; esac'
TOLD = 'echo "$(basename "$0")" "$@"'
REFUSING = 'case "$*" in *pip*) exit 1;; esac'


@pytest.fixture
def folder(tmp_path) -> Path:
    """Return a folder with what `make` reads, and nothing installed."""
    if shutil.which("make") is None:
        pytest.skip("make is not installed here")
    for name in ("Makefile", "pyproject.toml", "constraints.txt"):
        shutil.copy(ROOT / name, tmp_path)
    return tmp_path


def program(path: Path, script: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(f"#!/bin/sh\n{script}\n")
    path.chmod(0o755)
    return path


def make(folder: Path, *arguments: object) -> subprocess.CompletedProcess[str]:
    # A make that runs this suite would hand its own options down.
    outer = {name: value for name, value in os.environ.items() if not name.startswith("MAKE")}
    return subprocess.run(
        ["make", *map(str, arguments)],
        cwd=folder,
        env={**outer, "MFLAGS": ""},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


@pytest.mark.parametrize("target", ["demo", "test", "test-long"])
@pytest.mark.parametrize(
    ("script", "words"),
    [
        pytest.param(None, ("3.11 or newer", "was not found"), id="no Python"),
        pytest.param(OLD, ("3.11 or newer", "this is Python 3.9.2"), id="an old Python"),
        pytest.param(BARE, ("venv module is missing", "python3-venv"), id="no venv"),
    ],
)
def test_what_is_missing_is_said(folder, target, script, words):
    python = folder / "python"
    if script is not None:
        program(python, script)
    done = make(folder, target, f"PYTHON={python}")
    assert done.returncode != 0
    assert "Traceback" not in done.stderr
    for word in words:
        assert word in done.stdout
    assert not (folder / ".venv").exists()


def test_an_index_that_cannot_be_reached_is_said_and_nothing_counts_as_installed(folder):
    python = program(folder / "python", "exit 0")
    program(folder / ".venv/bin/python", REFUSING)
    for _ in range(2):
        done = make(folder, "demo", f"PYTHON={python}")
        assert done.returncode != 0
        assert "is a Python package index reachable?" in done.stdout


@pytest.mark.parametrize(
    ("target", "called"),
    [
        ("demo", "masker demo"),
        ("test", "python -m pytest --numprocesses 3 --dist worksteal"),
        ("test-long", "python -m pytest -m long --timeout 1800"),
    ],
)
def test_what_is_there_is_used_again(folder, target, called):
    """Python is not even asked for: PYTHON names none."""
    for name in ("masker", "python"):
        program(folder / ".venv/bin" / name, TOLD)
    (folder / ".venv/.installed").touch()
    done = make(folder, target, "PYTHON=/nowhere/python")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines() == [called]


def test_new_pins_are_installed(folder):
    python = program(folder / "python", "exit 0")
    program(folder / ".venv/bin/python", TOLD)
    program(folder / ".venv/bin/masker", TOLD)
    stamp = folder / ".venv/.installed"
    stamp.touch()
    older = stamp.stat().st_mtime - 60
    os.utime(stamp, (older, older))
    done = make(folder, "demo", f"PYTHON={python}")
    assert done.returncode == 0, done.stdout + done.stderr
    assert "--constraint constraints.txt --editable .[dev]" in done.stdout
    assert done.stdout.splitlines()[-1] == "masker demo"
    assert stamp.stat().st_mtime > older
