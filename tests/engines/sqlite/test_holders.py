"""Who has a file open."""

import os
import subprocess
import sys

from masker.engines.sqlite.holders import holders

OPEN = "import sys; f = open(sys.argv[1]); print('open', flush=True); sys.stdin.read()"


def test_every_process_that_has_it_open_by_whatever_name(tmp_path):
    path, other = tmp_path / "a.db", tmp_path / "b.db"
    path.touch()
    other.hardlink_to(path)
    assert holders(path) == ()
    with path.open(), other.open():
        assert holders(path) == holders(other) == (os.getpid(),)
        assert holders(path, own=1) == (os.getpid(),)
        assert holders(path, own=2) == ()
    child = subprocess.Popen(
        [sys.executable, "-c", OPEN, other], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    try:
        assert child.stdout.readline() == b"open\n"
        assert holders(path) == (child.pid,)
    finally:
        child.communicate()
    assert holders(path) == ()


def test_what_is_not_there_is_open_nowhere(tmp_path):
    assert holders(tmp_path / "none.db") == ()
