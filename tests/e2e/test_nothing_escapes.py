"""A value that fails in the target, and the keys of a run: found in no output and in no file."""

from pathlib import Path

import pytest

from tests.e2e import world as worlds
from tests.e2e.watching import Watcher, watched
from tests.e2e.world import KEY, RUN_KEY, World, ended, running

CANARY = "zyx-4711-Kanarienvogel"
# What the target demands of the column `notes` and the source's values do not fulfil.
TIGHTER = {
    "check": ("notes text", "notes text CHECK (notes !~ 'vogel')", "23514"),
    "unique": ("notes text", "notes text UNIQUE", "collision"),
    "enum": ("notes text", "notes mood", "22P02"),
    "length": ("notes text", "notes varchar(12)", "22001"),
    "type": ("notes text", "notes inet", "22P02"),
}
SOON = ("check", "unique")  # the rest in a long run


@pytest.fixture
def singing(make_world, few, production) -> World:
    """A world whose notes are canaries and whose target keeps its own schema."""
    world = make_world(few)
    production.sql(
        f"UPDATE people SET notes = '{CANARY}'", database=world.source.rpartition("/")[2]
    )
    return world


def keep_schema(world: World, tables: str, **options: object) -> None:
    world.staging.sql(f"CREATE TYPE mood AS ENUM ('calm'); {tables}", database=world.name)
    world.write(target='{url: "${TARGET_URL}", schema: keep, allow: [unmarked-target]}', **options)
    text = world.pipeline.read_text()
    world.pipeline.write_text(text.replace("notes: keep", "notes: scramble"))


@pytest.mark.parametrize("workers", [2, pytest.param(1, marks=pytest.mark.long)])
@pytest.mark.parametrize(
    "case",
    [pytest.param(case, marks=[] if case in SOON else pytest.mark.long) for case in TIGHTER],
)
def test_a_value_that_does_not_fit_is_told_by_its_place_only(singing, case, workers):
    plain, tighter, code = TIGHTER[case]
    keep_schema(singing, worlds.TABLES.replace(plain, tighter), workers=workers)
    watcher = Watcher(singing.folder, [CANARY])
    process = singing.start("--debug", "run", singing.pipeline.name, moment="lie", how="none")
    with running(process), watched(watcher, process.pid):
        done = ended(process)
    assert done.returncode == 5, done.stderr
    assert code in done.stderr
    assert "people" in done.stderr
    assert "notes" in done.stderr
    assert "trace, innermost last" in done.stderr
    assert not watcher.holds(f"{done.stdout}{done.stderr}".encode())
    assert watcher.found == set()
    assert watcher.looked > 20
    assert singing.databases() == {""}
    assert worlds.last_manifest(singing)


def test_the_search_itself_finds_a_canary(singing):
    (singing.folder / "tmp" / "left").write_text(f"x{CANARY.upper()}x")
    watcher = Watcher(singing.folder, [CANARY])
    watcher.look_at_files()
    assert watcher.found == {str(singing.folder / "tmp" / "left")}


def test_a_run_in_a_program_of_ones_own_leaves_nothing_open(world):
    def unlinked() -> list[str]:
        links = [one.readlink() for one in Path("/proc/self/fd").iterdir() if one.is_symlink()]
        return sorted(str(link) for link in links if "(deleted)" in str(link))

    before = unlinked()
    world.refresh()
    assert unlinked() == before


def test_keys_travel_by_pipe_only(make_world, wide):
    world = make_world(wide)
    world.write(limits="{rows_per_second: 10000}", workers=2)
    secrets = [KEY, bytes.fromhex(KEY), RUN_KEY]
    watcher = Watcher(world.folder, secrets)
    process = world.start(moment="known-run-key", how="none")
    with running(process), watched(watcher, process.pid):
        done = ended(process)
    assert done.returncode == 0, done.stderr
    assert not watcher.holds(f"{done.stdout}{done.stderr}".encode())
    assert watcher.found == set()
    assert any("masker.runners.worker" in line for line in watcher.processes)
