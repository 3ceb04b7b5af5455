"""masker is killed at the worst moments: users see the old or the new data, whole; the next run
succeeds, leaves nothing behind, and completes the record of one that had published."""

import os
import signal

import psycopg
import pytest

from masker.keys import Keyring
from masker.ledger import verify
from masker.pipelines.record import PUBLISHED
from tests.e2e.world import (
    KEPT,
    KEY,
    OTHER_KEY,
    SLOW_INDEX,
    World,
    ended,
    published,
    quiet,
    running,
    runs,
    until,
)

LONG = pytest.mark.long


def settled(world: World) -> None:
    """Wait until the server has noticed that masker is dead, as the next night's run would."""
    until(quiet(world.staging), "masker's sessions end", seconds=15)


def next_run(world: World) -> dict[str, str]:
    """Refresh once more; return the new run's findings by code and subject."""
    done = world.refresh()
    assert done.outcome == PUBLISHED
    assert world.databases() == KEPT
    return {finding.code: finding.subject for finding in done.findings}


@pytest.mark.parametrize(
    "moment",
    [
        "copy",
        pytest.param("index", marks=LONG),
        pytest.param("audit", marks=LONG),
        pytest.param("unmarked", marks=LONG),
        pytest.param("schema", marks=LONG),
        pytest.param("seal", marks=LONG),
    ],
)
def test_before_the_exchange_nothing_has_changed(world, production, moment):
    if moment == "index":
        production.sql(SLOW_INDEX, database=world.source.rpartition("/")[2])
    old = world.seen()
    done = world.command(moment=moment)
    assert done.returncode == -signal.SIGKILL, done.stderr
    assert world.seen() == old
    (orphan,) = world.databases() - KEPT
    settled(world)
    assert next_run(world)["orphan-dropped"] == f"{world.name}{orphan}"


class TestWhileTheRenameWaits:
    def test_its_users_are_not_even_disconnected(self, world):
        old = world.seen()
        with psycopg.connect(world.target) as user:
            assert world.command(moment="rename").returncode == -signal.SIGKILL
            assert user.execute("SELECT count(*) FROM people").fetchone() == (old[0],)
        assert world.seen() == old
        settled(world)
        assert "orphan-dropped" in next_run(world)

    @LONG
    def test_what_was_renamed_and_not_committed_never_was(self, world):
        old = world.seen()
        assert world.command(moment="renamed").returncode == -signal.SIGKILL
        settled(world)
        assert world.seen() == old
        assert "orphan-dropped" in next_run(world)


class TestAfterTheCommit:
    @pytest.mark.parametrize(
        "moment",
        ["committed", pytest.param("ledger", marks=LONG), pytest.param("manifest", marks=LONG)],
    )
    def test_the_next_run_completes_the_record(self, world, moment):
        old = world.seen()
        assert world.command(moment=moment).returncode == -signal.SIGKILL
        new = world.seen()
        (killed,) = runs(world) - published(world)
        settled(world)
        assert next_run(world)["settled"] == killed
        assert world.seen() == new != old
        assert not runs(world) - published(world)
        keys = [Keyring.parse(key) for key in (KEY, OTHER_KEY)]
        assert not verify(world.records / "ledger.jsonl", keys=keys)


class TestTheTargetsServer:
    """Its postmaster is killed with SIGKILL while masker works, and launched again."""

    @pytest.mark.parametrize(
        "moment",
        [
            "renamed",
            pytest.param("copy", marks=LONG),
            pytest.param("audit", marks=LONG),
            pytest.param("committed", marks=LONG),
        ],
    )
    def test_its_users_find_the_old_or_the_new_data(self, make_world, few, mortal, moment):
        world = make_world(few, target=mortal)
        world.refresh()
        old = world.seen()
        with running(world.start(moment=moment, how="stop")) as masker:
            _, status = os.waitpid(masker.pid, os.WUNTRACED)
            assert os.WIFSTOPPED(status)
            mortal.kill()
            masker.send_signal(signal.SIGCONT)
            done = ended(masker)
        mortal.launch()
        assert "Traceback" not in done.stderr
        if moment == "committed":
            assert done.returncode == 0, done.stderr
        else:
            assert done.returncode == 6, done.stderr
            assert done.stderr.count("error") == 1
        assert world.seen() == old  # the same key: what differs is which database it is
        next_run(world)
