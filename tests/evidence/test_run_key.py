import os
import pickle
import subprocess
import sys
import textwrap

import numpy as np
import polars as pl

from masker.evidence.fingerprints import Fingerprinter, PrintSet
from masker.evidence.run_key import RunKey

CHILD = textwrap.dedent("""
    import pickle, sys
    import numpy as np, polars as pl
    from masker.evidence.fingerprints import Fingerprinter, PrintSet
    from masker.evidence.run_key import RunKey
    key = RunKey.from_export(sys.stdin.buffer.read())
    fingerprint = Fingerprinter(key)
    found = PrintSet()
    for start in range(0, 400_000, 50_000):
        values = pl.int_range(start, start + 50_000, eager=True).cast(pl.String)
        found.add(fingerprint(values), key)
    found.seal(key)
    sys.stdout.buffer.write(pickle.dumps((fingerprint(pl.Series(["a", "ä"])), found)))
""")


def in_child(exported):
    done = subprocess.run(
        [sys.executable, "-c", CHILD], input=exported, capture_output=True, check=True
    )
    return pickle.loads(done.stdout), len(done.stdout)


def test_a_worker_makes_the_same_prints_and_spills_into_the_same_file(run_key):
    (prints, found), sent = in_child(run_key.export())
    assert np.array_equal(prints, Fingerprinter(run_key)(pl.Series(["a", "ä"])))
    assert found.size == 400_000
    assert sent < 4_000_000  # what spilled did not travel
    there = np.concatenate(list(found.parts(run_key)), axis=1)
    ours = Fingerprinter(run_key)(pl.int_range(0, 400_000, eager=True).cast(pl.String))
    assert set(there[0].tolist()) == set(ours[0].tolist())


def test_a_worker_that_cannot_reach_the_file_sends_everything(run_key):
    (_, found), sent = in_child(run_key.secret)
    assert found.size == 400_000
    assert not found.extents
    assert sent > 6_000_000


def test_another_key_makes_other_prints(run_key):
    other = RunKey.random()
    values = pl.Series(["a", "b"])
    assert not np.array_equal(Fingerprinter(run_key)(values), Fingerprinter(other)(values))
    other.forget()


def test_neither_secret_nor_plain_prints_are_to_be_seen(run_key):
    assert run_key.secret.hex() not in repr(run_key)
    assert repr(run_key.secret) not in repr(run_key)
    prints = b"0123456789abcdef" * 1000
    extent = run_key.spill.append(prints)
    assert run_key.spill.read(extent) == prints
    raw = os.pread(run_key.spill._descriptor, extent.length, extent.offset)
    assert b"0123456789abcdef" not in raw


def test_the_spill_file_has_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    key = RunKey.random()
    key.spill.append(b"x" * 100)
    assert list(tmp_path.iterdir()) == []
    key.forget()


def test_memory_of_a_set_is_bounded(run_key):
    held = PrintSet()
    fingerprint = Fingerprinter(run_key)
    for start in range(0, 1_000_000, 50_000):
        values = pl.int_range(start, start + 50_000, eager=True).cast(pl.String)
        held.add(fingerprint(values), run_key)
    assert held.size == 1_000_000
    assert held._held < 200_000


def test_repetitions_are_dropped(run_key):
    held = PrintSet()
    prints = Fingerprinter(run_key)(pl.int_range(0, 1000, eager=True).cast(pl.String))
    for _ in range(300):
        held.add(prints, run_key)
    held.seal(run_key)
    assert held.size == 1000
    assert not held.extents
