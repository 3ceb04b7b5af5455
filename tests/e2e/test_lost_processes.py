"""Worker processes and their parent: whoever is killed, nobody is left and nothing is published."""

import os
import signal
from pathlib import Path

import pytest

from tests.e2e.world import KEPT, World, ended, quiet, running, told, until, workers_of

COPYING = """
SELECT count(DISTINCT pid) FROM pg_stat_activity
 WHERE application_name = 'masker' AND state = 'active' AND query LIKE 'COPY%'
"""


@pytest.fixture
def slow(make_world, wide, staging) -> World:
    """A world that two workers copy so slowly that there is time to strike."""
    world = make_world(wide)
    world.refresh()
    world.write(limits="{rows_per_second: 1500}", workers=2)
    return world


def copying(world: World) -> bool:
    return world.staging.sql(COPYING) == "2"


def test_a_killed_worker_ends_the_run(slow, production, staging):
    old = slow.seen()
    with running(slow.start()) as masker:
        until(lambda: copying(slow), "two workers copy")
        first, second = workers_of(masker)
        os.kill(first, signal.SIGKILL)
        done = ended(masker)
    assert told(done)["code"] == 6
    assert "worker process ended with status -9" in done.stderr
    assert not Path(f"/proc/{second}").exists()
    assert slow.seen() == old
    assert slow.databases() == KEPT
    until(quiet(production), "no session is left in the source")
    slow.write()
    assert slow.refresh().outcome == "published"
    assert slow.databases() == KEPT


def test_workers_die_with_their_parent(slow, production, staging):
    old = slow.seen()
    with running(slow.start()) as masker:
        until(lambda: copying(slow), "two workers copy")
        crew = workers_of(masker)
        assert len(crew) == 2
        # Ctrl-C in a terminal reaches the whole group; a worker that is still starting, and cannot
        # ignore it yet, would print a traceback.
        assert masker.pid not in {os.getpgid(pid) for pid in crew}
        masker.kill()
        masker.wait()
        until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in crew), "workers end")
        until(quiet(production), "no session is left in the source", seconds=15)
        until(quiet(staging), "no session is left in the target", seconds=15)
    assert slow.seen() == old
