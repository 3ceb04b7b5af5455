"""`masker snapshot` as people use it, and struck at the worst moments: sealed or not there."""

import json
import os
import re
import signal

import polars as pl
import pytest

from tests.e2e.terminal import terminal
from tests.e2e.world import KEPT, World, ended, quiet, running, until

SOURCE_VALUE = re.compile(rb"[a-z]+\.[a-z]+\d+@mail\d\.test")  # no fake has such a domain


def take(world: World, **options):
    return world.command("snapshot", world.pipeline.name, "--out", "snap", **options)


def names(world: World) -> set[str]:
    return {path.name for path in world.work.iterdir()} - {"world.yaml", "masker-records"}


def leaked(world: World) -> list[str]:
    """Return the files, of all that masker wrote anywhere, in which a source value stands."""
    found = []
    for path in world.folder.rglob("*"):
        if path.is_file():
            raw = path.read_bytes()
            if path.suffix == ".parquet":
                raw += str(pl.read_parquet(path).to_dicts()).encode()
            if SOURCE_VALUE.search(raw):
                found.append(path.name)
    return found


def codes(world: World) -> set[str]:
    """Return the codes of what the last run found."""
    newest = max(
        (world.work / "masker-records").glob("*.json"), key=lambda path: path.stat().st_mtime
    )
    return {finding["code"] for finding in json.loads(newest.read_bytes())["findings"]}


@pytest.mark.parametrize(
    "moment",
    [
        pytest.param("copy", marks=pytest.mark.long),
        pytest.param("audit", marks=pytest.mark.long),
        "folder",
    ],
)
def test_what_is_killed_left_no_snapshot_and_the_next_cleans_up(make_world, few, moment):
    world = make_world(few)
    done = take(world, moment=moment)
    assert done.returncode == -signal.SIGKILL, done.stderr
    (left,) = names(world)
    assert left.startswith(".snap.masker-")
    refused = world.command("load", left, world.target)
    assert refused.returncode == 2
    assert "no-snapshot" in refused.stderr
    assert leaked(world) == []
    until(quiet(world.staging), "masker's sessions end")
    done = take(world)
    assert done.returncode == 0, done.stderr
    assert names(world) == {"snap"}
    assert "orphan-dropped" in codes(world)
    assert leaked(world) == []


STOPPED = [
    ("folder", "interrupt"),
    ("twice", "interrupt"),
    pytest.param("copy", "interrupt", marks=pytest.mark.long),
    pytest.param("audit", "interrupt", marks=pytest.mark.long),
    ("copy", "terminate"),
    pytest.param("twice", "terminate", marks=pytest.mark.long),
    pytest.param("copy", "hang up", marks=pytest.mark.long),
]


@pytest.mark.parametrize(("moment", "how"), STOPPED)
def test_who_is_asked_to_stop_leaves_nothing(make_world, few, moment, how):
    world = make_world(few)
    done = take(world, moment=moment, how=how)
    assert done.returncode == 130, done.stderr
    assert "cleaned up" in done.stderr
    assert ("Ctrl-C once more" in done.stderr) == (moment == "twice" and how == "interrupt")
    assert "Traceback" not in done.stderr
    assert names(world) == set()
    assert list((world.folder / "tmp").rglob("*")) == []
    assert "stopped" in codes(world)
    last = json.loads((world.records / "ledger.jsonl").read_text().splitlines()[-1])
    assert (last["outcome"], last["exit_code"]) == ("failed", 130)


def test_who_is_asked_to_stop_a_load_finds_the_old_data(world):
    assert take(world).returncode == 0
    old = world.seen()
    for moment, how in [("copy", "terminate"), ("twice", "terminate"), ("twice", "interrupt")]:
        done = world.command("load", "snap", world.target, moment=moment, how=how)
        assert done.returncode == 130, done.stderr
        assert "nothing was published" in done.stderr
        assert "Traceback" not in done.stderr
        assert world.seen() == old
        assert world.databases() == KEPT
        until(quiet(world.staging), "masker's sessions end")


def test_a_load_that_publishes_when_it_is_asked_to_stop_finishes(world):
    assert take(world).returncode == 0
    old = world.seen()
    done = world.command("load", "snap", world.target, moment="seal", how="terminate")
    assert done.returncode == 0, done.stderr
    assert "asked to stop while it published, so it finished" in done.stderr
    assert world.seen() != old
    assert world.databases() == KEPT


@pytest.mark.long
def test_a_load_that_is_killed_leaves_the_old_data(world):
    assert take(world).returncode == 0
    old = world.seen()
    done = world.command("load", "snap", world.target, moment="copy")
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert world.seen() == old
    until(quiet(world.staging), "masker's sessions end")
    done = world.command("load", "snap", world.target)
    assert done.returncode == 0, done.stderr
    assert "orphan-dropped" in codes(world)
    assert world.seen() != old  # another key
    assert world.databases() == KEPT


class TestOnATerminal:
    def test_it_shows_what_it_does_and_sums_it_up(self, make_world, wide):
        world = make_world(wide)
        world.write(limits="{rows_per_second: 8000}")  # slow enough to be looked at
        with terminal(
            "masker",
            "snapshot",
            "world.yaml",
            "--out",
            "snap",
            cwd=world.work,
            environ=world.environ,
        ) as person:
            assert person.ended() == 0, person.screen
        screen = person.screen
        assert "load public." in screen
        assert re.search(r"[\d,]+ rows", screen)
        assert re.search(r"✓ audit +\d+\.\d s", screen)
        summary = screen[screen.index("sealed snap") :].splitlines()
        assert len(summary) <= 10
        assert "16,000 rows" in summary[1]
        assert any(re.search(r"seal +[0-9a-f]{64}", line) for line in summary)
        assert "Next: masker load snap" in summary[-1]

    def test_ctrl_c_is_told_in_a_line_and_leaves_nothing(self, make_world, few):
        world = make_world(few)
        with terminal(
            "tests.e2e.moments", "stop", "copy", "snapshot", "world.yaml", "--out", "snap",
            cwd=world.work, environ=world.environ,
        ) as person:  # fmt: skip
            _, status = os.waitpid(person.process.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            person.type("\x03")
            person.process.send_signal(signal.SIGCONT)
            assert person.ended() == 130
        assert "cleaned up" in person.screen
        assert "Traceback" not in person.screen
        assert names(world) == set()

    @pytest.mark.parametrize("answer", ["y", "n"])
    def test_rows_before_are_shown_after_a_yes_only(self, make_world, few, answer):
        world = make_world(few)
        with terminal(
            "masker", "preview", "world.yaml", "--table", "people", "--rows", "2", "--before",
            cwd=world.work, environ=world.environ,
        ) as person:  # fmt: skip
            person.read("[y/N]")
            assert not SOURCE_VALUE.search(person.screen.encode())
            person.type(f"{answer}\n")
            code = person.ended()
        assert code == (0 if answer == "y" else 130)
        assert ("nothing was shown" in person.screen) == (answer == "n")
        assert "cleaned up" not in person.screen
        shown = re.findall(r"([a-z]+\.[a-z]+\d+@mail\d\.test)", person.screen)
        assert len(shown) == (2 if answer == "y" else 0)

    def test_rows_before_go_to_no_file(self, make_world, few):
        world = make_world(few)
        done = world.command("preview", "world.yaml", "--table", "people", "--before")
        assert done.returncode == 2
        assert "no-terminal" in done.stderr
        assert not SOURCE_VALUE.search((done.stdout + done.stderr).encode())


def test_a_preview_shows_masked_rows(make_world, few):
    world = make_world(few)
    done = world.command("preview", "world.yaml", "--table", "people", "--rows", "3", "--json")
    told = json.loads(done.stdout)
    assert told["table"] == "public.people"
    assert len(told["rows"]) == 3
    assert told["columns"]["email"] == "email"
    assert not SOURCE_VALUE.search(done.stdout.encode())
    wrong = world.command("preview", "world.yaml", "--table", "peple")
    assert wrong.returncode == 2
    assert "did you mean `people`?" in wrong.stderr


def test_a_preview_withholds_what_nobody_has_decided_on(make_world, few):
    world = make_world(few)
    text = world.pipeline.read_text().replace("    notes: keep\n", "")
    world.pipeline.write_text(text.replace("    search: keep\n", "    search: review\n"))
    with running(world.start("preview", "world.yaml", "--table", "public.people", "--json")) as one:
        told = json.loads(ended(one).stdout)
    assert told["withheld"] == ["notes", "search"]
    assert not {"notes", "search"} & set(told["rows"][0])


@pytest.mark.long
def test_json_tells_the_seal(make_world, few):
    world = make_world(few)
    done = world.command("snapshot", "world.yaml", "--out", "snap", "--json")
    told = json.loads(done.stdout)
    assert done.stderr == ""
    sealed = json.loads((world.work / "snap" / "seal.json").read_bytes())
    assert told["seal"] == sealed["manifest"]
    done = world.command("load", "snap", world.target, "--seal", told["seal"], "--json")
    assert json.loads(done.stdout)["snapshot"] == told["manifest"]["run"]


def test_a_transformer_that_lies_ends_with_the_code_of_a_leak(make_world, few):
    world = make_world(few)
    text = world.pipeline.read_text().replace("name: full_name", "name: scramble")
    world.pipeline.write_text(text)
    done = take(world, moment="lie", how="none")
    assert done.returncode == 4, done.stderr
    assert "leak:public.people.name" in done.stderr
    assert names(world) == set()
    assert leaked(world) == []
