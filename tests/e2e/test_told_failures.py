"""What goes wrong around masker is told in one clear sentence, and nothing is half-published."""

import re
import signal
import subprocess
from collections.abc import Callable

import pytest

from tests.e2e import world as worlds
from tests.e2e.world import World, ended, quiet, running, told, until, workers_of
from tests.servers import Server

COPYING = """
SELECT count(*) FROM pg_stat_activity
 WHERE application_name = 'masker' AND state = 'active' AND query LIKE 'COPY%people%'
"""
SLOWLY = "{rows_per_second: 4000}"
SMALL = 8 << 20  # bytes of the largest file that a server with a full disk may write


def copies(server: Server) -> Callable[[], bool]:
    return lambda: server.sql(COPYING) != "0"


def check_told(done: subprocess.CompletedProcess[str], code: int, *words: str) -> None:
    said = told(done)["said"]
    assert done.returncode == code, said
    assert len(re.findall("^error ", done.stderr, re.MULTILINE)) == 1, said
    for word in words:
        assert word in done.stderr, said


@pytest.mark.parametrize("workers", [1, pytest.param(2, marks=pytest.mark.long)])
def test_the_source_dies_while_it_is_read(make_world, staging, workers):
    with Server.start() as source:
        template = worlds.populate(source, "w", rows=8_000, notes=worlds.LONG_NOTES)
        world = make_world(template, source=source)
        world.write(limits=SLOWLY, workers=workers)
        with running(world.start()) as masker:
            until(copies(staging), "rows arrive")
            until(lambda: len(workers_of(masker)) == (workers if workers > 1 else 0), "workers")
            source.kill()
            done = ended(masker)
    check_told(done, 6, "to source", "try again")
    assert world.databases() == {""}


def test_the_targets_disk_is_full(make_world, wide):
    with Server.start(
        initdb_args=("--wal-segsize=1",), settings={"max_wal_size": "32MB"}, file_size_limit=SMALL
    ) as small:
        world = make_world(wide, target=small)
        check_told(world.command(), 6, "disk is full")
        until(quiet(small), "masker's sessions end")
        assert world.databases() == {""}


@pytest.mark.parametrize("side", [pytest.param("SOURCE_URL", marks=pytest.mark.long), "TARGET_URL"])
def test_a_wrong_password(world, side):
    old = world.seen()
    url = world.environ[side]
    password = url.split("@")[0].rpartition(":")[2]
    world.environ[side] = url.replace(password, "guessed")
    done = world.command()
    check_told(done, 2, "password", "check the URL")
    assert "guessed" not in done.stdout + done.stderr
    assert world.seen() == old


@pytest.mark.parametrize("workers", [2, pytest.param(1, marks=pytest.mark.long)])
def test_ctrl_c_while_rows_move(make_world, wide, production, staging, workers):
    world = make_world(wide)
    world.write(limits=SLOWLY, workers=workers)
    with running(world.start()) as masker:
        until(copies(staging), "rows arrive")
        masker.send_signal(signal.SIGINT)
        done = ended(masker, timeout=10)
    check_told(done, 130, "nothing was published")
    assert world.databases() == {""}
    assert quiet(staging)()
    assert quiet(production)()


@pytest.mark.long
def test_ctrl_c_while_an_index_is_built(world, production, staging):
    production.sql(worlds.SLOW_INDEX, database=world.source.rpartition("/")[2])
    old = world.seen()
    with running(world.start()) as masker:
        until(lambda: staging.sql(worlds.BUILDING) != "0", "an index is built")
        masker.send_signal(signal.SIGINT)
        done = ended(masker, timeout=10)
    check_told(done, 130, "nothing was published")
    assert world.seen() == old
    assert world.databases() == {"", "_masker_previous"} & world.databases()


def test_ctrl_c_after_the_commit_does_not_say_that_nothing_happened(world: World):
    old = world.seen()
    done = world.command(moment="committed", how="interrupt")
    check_told(done, 130, "users see the new data")
    assert world.seen() != old
    assert worlds.published(world) == worlds.runs(world)
