"""What is shipped: rules and pipelines are found from a wheel and an editable install; no addresses."""

import json
import re
import subprocess
import sys
import sysconfig
import tomllib
import venv
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
LOOK = """
import json, masker
from pathlib import Path
from masker.rules import packs
from masker.rules.environment import Environment
read = [packs.load_shipped(name, Environment({}, Path())).name for name in packs.shipped()]
print(json.dumps([masker.__file__, str(packs.shelf()), read]))
"""
# An index, and what only this machine has.
TRACES = re.compile(rb"index" + b"-url|" + rb"pypi\.(org|python)|/" + b"root/|/" + b"work/")


def run(*command, **options):
    done = subprocess.run(
        [str(part) for part in command], capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def files():
    """Return the files of the repository: what is committed, and what is about to be."""
    options = ("--cached", "--others", "--exclude-standard", "-z")
    names = run("git", "ls-files", *options, cwd=ROOT).split("\0")
    return sorted({ROOT / name for name in names if name and (ROOT / name).is_file()})


@pytest.fixture(scope="module")
def copy(tmp_path_factory):
    """Return a copy of the repository, so that building leaves nothing in it."""
    folder = tmp_path_factory.mktemp("source")
    for path in files():
        there = folder / path.relative_to(ROOT)
        there.parent.mkdir(parents=True, exist_ok=True)
        there.write_bytes(path.read_bytes())
    return folder


@pytest.fixture(scope="module")
def wheel(copy, tmp_path_factory):
    """Return a wheel, built without asking any index."""
    pytest.importorskip("hatchling", reason="hatchling, the build backend, is not installed here")
    folder = tmp_path_factory.mktemp("wheel")
    run(sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", folder, cwd=copy)
    (made,) = folder.glob("*.whl")
    return made


@pytest.fixture
def environment(tmp_path):
    """Return the Python of a new environment that sees this one's packages, but not masker."""
    folder = tmp_path / "venv"
    venv.create(folder, with_pip=True)
    here = Path(sysconfig.get_path("purelib"))
    there = Path(
        run(folder / "bin/python", "-c", "import sysconfig; print(sysconfig.get_path('purelib'))")
        .strip()
    )  # fmt: skip
    # addsitedir would read this environment's own .pth files, masker's among them.
    (there / "vendors.pth").write_text(f"{here}\n")
    return folder / "bin/python"


def look(python, tmp_path):
    return json.loads(run(python, "-I", "-c", LOOK, cwd=tmp_path))


def check(python, pipeline, tmp_path):
    urls = {"SHOP_PRODUCTION_URL": "postgresql://h/a", "SHOP_STAGING_URL": "postgresql://h/b"}
    command = python.parent / "masker"
    return run(command, "check", pipeline, cwd=tmp_path, env={"PATH": "/usr/bin:/bin", **urls})


def install(python, *what):
    flags = (
        "--quiet",
        "--no-deps",
        "--no-index",
        "--disable-pip-version-check",
        "--no-build-isolation",
    )
    run(python, "-m", "pip", "install", *flags, *what)


def test_a_wheel_holds_the_package_the_rules_and_the_pipelines(wheel):
    held = set(zipfile.ZipFile(wheel).namelist())
    package = {str(path.relative_to(ROOT)) for path in (ROOT / "masker").rglob("*.sql")}
    shelves = {f"masker/share/rules/{path.name}" for path in (ROOT / "rules").glob("*.yaml")}
    shelves |= {
        f"masker/share/pipelines/{path.name}" for path in (ROOT / "pipelines").glob("*.yaml")
    }
    assert {"masker/py.typed", "masker/__init__.py"} | package | shelves <= held
    assert [name for name in held if name.startswith(("tests/", "docs/"))] == []
    assert any(name.endswith("licenses/LICENSE") for name in held)


@pytest.mark.long
def test_an_installed_wheel_finds_rules_and_pipelines(wheel, environment, tmp_path):
    install(environment, wheel)
    package, shelf, read = look(environment, tmp_path)
    assert Path(package).is_relative_to(tmp_path)
    assert Path(shelf) == Path(package).parent / "share" / "rules"
    assert read == sorted(path.stem for path in (ROOT / "rules").glob("*.yaml"))
    pipeline = Path(package).parent / "share" / "pipelines" / "shop.yaml"
    assert "fine" in check(environment, pipeline, tmp_path)


@pytest.mark.long
def test_an_editable_install_finds_rules_and_pipelines(copy, environment, tmp_path):
    pytest.importorskip("hatchling", reason="hatchling, the build backend, is not installed here")
    pytest.importorskip("editables", reason="editables, for editable builds, is not installed here")
    install(environment, "--editable", copy)
    package, shelf, read = look(environment, tmp_path)
    assert Path(package).parent == copy / "masker"
    assert Path(shelf) == copy / "rules"
    assert read == sorted(path.stem for path in (ROOT / "rules").glob("*.yaml"))
    assert "fine" in check(environment, copy / "pipelines" / "shop.yaml", tmp_path)


def test_no_committed_file_names_an_index_or_this_machine():
    found = [
        f"{path.relative_to(ROOT)}:{number}"
        for path in files()
        for number, line in enumerate(path.read_bytes().splitlines(), 1)
        if TRACES.search(line)
    ]
    assert found == []


def test_constraints_are_names_and_versions_alone():
    lines = (ROOT / "constraints.txt").read_text().splitlines()
    pinned = [line for line in lines if line and not line.startswith("#")]
    assert pinned
    assert [
        line for line in pinned if not re.fullmatch(r"[A-Za-z0-9._-]+==[0-9][\w.+!]*", line)
    ] == []


def test_every_dependency_is_pinned():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    wanted = [*project["dependencies"], *project["optional-dependencies"]["demo"]]
    wanted += [each for each in project["optional-dependencies"]["dev"] if "masker" not in each]
    names = {plain(re.match(r"[A-Za-z0-9._-]+", each)[0]) for each in wanted}
    pinned = {
        plain(line.partition("==")[0])
        for line in (ROOT / "constraints.txt").read_text().splitlines()
    }
    assert names - pinned == set()


def plain(name):
    """Write a package's name as indexes compare it (PEP 503)."""
    return re.sub("[-_.]+", "-", name).lower()
