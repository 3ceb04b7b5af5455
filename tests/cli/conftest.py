"""The command line as people call it, and a small database to call it on."""

import itertools
import json
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from masker.cli.app import run_command_line

KEY = "3f1d05e20bd4b1a33a0db9cc0a2e1a2f4f8a9d7c6b5a4938a6c8bd1f9f0c1b3f"
KEYS = ("MASKER_KEY", "MASKER_KEY_FILE", "MASKER_KEY_COMMAND")
SCHEMA = """
CREATE TABLE people (id int PRIMARY KEY, name text NOT NULL, email text UNIQUE, born date);
INSERT INTO people SELECT n, 'Anna Schmidt ' || n, 'anna' || n || '@mail.test', '1980-01-01'
  FROM generate_series(1, 50) n;
CREATE TABLE notes (person_id int REFERENCES people, body text);
INSERT INTO notes SELECT n, 'called on a day in May' FROM generate_series(1, 50) n;
ANALYZE;
"""
POLICY = """\
version: 1
name: people
source: {{url: "${{SOURCE_URL}}"{source}}}
target: {{url: "${{TARGET_URL}}"{target}}}
columns:
  people: {{id: keep, name: full_name, email: email, born: keep}}
  notes: {{body: fake_text}}
{more}"""
_numbers = itertools.count(1)


@dataclass(frozen=True)
class Said:
    """What a command said and how it ended."""

    code: int
    out: str
    err: str

    @property
    def json(self):
        return json.loads(self.out)

    @property
    def text(self) -> str:
        return self.out + self.err


@pytest.fixture
def masker(capsys, monkeypatch, tmp_path) -> Callable[..., Said]:
    """Run a command in this process, in an empty folder: `(*arguments, **environment)`."""
    monkeypatch.chdir(tmp_path)
    for name in KEYS:
        monkeypatch.delenv(name, raising=False)

    def call(*arguments: object, **environment: str) -> Said:
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        capsys.readouterr()
        code = run_command_line([str(argument) for argument in arguments])
        captured = capsys.readouterr()
        return Said(code, captured.out, captured.err)

    return call


@pytest.fixture
def spawn(tmp_path) -> Callable[..., subprocess.Popen[str]]:
    """Start a command as a process of its own: `(*arguments, **environment)`."""
    outer = {name: value for name, value in os.environ.items() if name not in KEYS}

    def start(*arguments: object, **environment: str) -> subprocess.Popen[str]:
        return subprocess.Popen(
            [sys.executable, "-m", "masker", *map(str, arguments)],
            cwd=tmp_path,
            env={**outer, **environment},
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    return start


@dataclass
class Road:
    """A source, a target, and the pipeline between them in a folder."""

    source: str
    target: str
    folder: Path
    environment: dict[str, str] = field(default_factory=dict)

    @property
    def source_name(self) -> str:
        return self.source.rpartition("/")[2]

    @property
    def target_name(self) -> str:
        return self.target.rpartition("/")[2]

    @property
    def urls(self) -> dict[str, str]:
        return {"SOURCE_URL": self.source, "TARGET_URL": self.target, "MASKER_KEY": KEY}

    def pipeline(self, *, source: str = "", target: str = "", more: str = "") -> Path:
        path = self.folder / f"people-{next(_numbers)}.yaml"
        path.write_text(POLICY.format(source=source, target=target, more=more))
        return path


@pytest.fixture
def road(production, staging, fresh_database, tmp_path) -> Iterator[Road]:
    source, target = fresh_database(production, "people"), fresh_database(staging, "people")
    made = Road(source, target, tmp_path)
    production.sql(SCHEMA, database=made.source_name)
    yield made
    staging.drop_database(f"{made.target_name}_masker_previous")
