import errno
import json
import os
import resource
import signal
import stat
from concurrent.futures import ThreadPoolExecutor

import pytest

from masker.errors import ConfigError, TryAgainError
from masker.keys import Keyring
from masker.ledger import append, head_of, verify
from masker.ledger.ledger import read

KEY = Keyring.parse(Keyring.new_text())


@pytest.fixture
def ledger(tmp_path):
    path = tmp_path / "records" / "ledger.jsonl"
    for number in range(4):
        append(path, {"run": f"r{number}", "outcome": "published"}, keys=KEY)
    return path


def codes(path, **options):
    return [finding.code for finding in verify(path, keys=[KEY], **options)]


def change(path, edit):
    lines = path.read_bytes().splitlines(keepends=True)
    path.write_bytes(b"".join(edit(lines)))


def test_a_ledger_as_it_was_written_is_right(ledger):
    assert codes(ledger, head=head_of(ledger)) == []
    assert stat.S_IMODE(ledger.stat().st_mode) == 0o600


def edited(lines):
    entry = json.loads(lines[1])
    entry["outcome"] = "failed"
    return [lines[0], json.dumps(entry).encode() + b"\n", *lines[2:]]


@pytest.mark.parametrize(
    ("edit", "expected"),
    [
        pytest.param(edited, {"ledger-forged", "ledger-broken"}, id="edited"),
        pytest.param(lambda x: [x[0], *x[2:]], {"ledger-broken"}, id="removed"),
        pytest.param(lambda x: x[1:], {"ledger-broken"}, id="first-removed"),
        pytest.param(lambda x: [x[0], x[2], x[1], x[3]], {"ledger-broken"}, id="exchanged"),
        pytest.param(lambda x: [x[0], x[1], x[1], *x[2:]], {"ledger-broken"}, id="repeated"),
        pytest.param(lambda x: x[:-1], {"ledger-truncated"}, id="last-removed"),
        pytest.param(lambda _: [], {"ledger-truncated"}, id="emptied"),
        pytest.param(lambda x: [*x, x[0][:20]], {"ledger-torn"}, id="torn"),
    ],
)
def test_what_was_done_to_a_ledger_is_seen(ledger, edit, expected):
    head = head_of(ledger)
    change(ledger, edit)
    assert set(codes(ledger, head=head)) == expected


def test_an_edit_is_seen_without_the_key(ledger):
    change(ledger, edited)
    assert "ledger-broken" in {finding.code for finding in verify(ledger)}


def test_a_forger_without_the_key_is_seen(tmp_path):
    path = tmp_path / "ledger"
    append(path, {"run": "a"}, keys=KEY)
    other = Keyring.parse(Keyring.new_text())
    append(path, {"run": "b"}, keys=other)
    change(path, lambda lines: [lines[0], lines[1].replace(other.id.encode(), KEY.id.encode())])
    assert codes(path) == ["ledger-forged"]


def test_lines_of_a_key_that_ended_with_its_run_are_chained_and_noted(tmp_path):
    path = tmp_path / "ledger"
    append(path, {"run": "a"}, keys=Keyring.ephemeral())
    append(path, {"run": "b"}, keys=KEY)
    found = verify(path, keys=[KEY])
    assert [finding.code for finding in found] == ["ledger-unkeyed"]
    assert not found.blocking
    assert "ended with its run" in found.items[0].message


def test_a_torn_line_does_not_swallow_the_next(ledger):
    with ledger.open("ab") as file:
        file.write(b'{"run": "half')
    append(ledger, {"run": "next"}, keys=KEY)
    assert codes(ledger) == ["ledger-torn"]


def test_runs_that_end_together_follow_each_other(tmp_path):
    path = tmp_path / "ledger"
    with ThreadPoolExecutor(4) as pool:
        heads = list(pool.map(lambda n: append(path, {"run": n}, keys=KEY), range(20)))
    assert codes(path) == []
    assert head_of(path) in heads
    assert len(set(heads)) == 20


def test_no_ledger(tmp_path):
    assert head_of(tmp_path / "none") == ""
    with pytest.raises(ConfigError, match="there is no ledger"):
        verify(tmp_path / "none")
    (tmp_path / "file").write_text("")
    with pytest.raises(TryAgainError, match="cannot be written"):
        append(tmp_path / "file" / "ledger", {}, keys=KEY)


@pytest.fixture
def full(ledger):
    """Let no file grow by more than 40 bytes beyond the ledger: a write is cut off there."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    handler = signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (ledger.stat().st_size + 40, before[1]))
    yield
    resource.setrlimit(resource.RLIMIT_FSIZE, before)
    signal.signal(signal.SIGXFSZ, handler)


def test_a_line_that_is_cut_off_is_no_line(ledger, full):
    with pytest.raises(TryAgainError) as refused:
        append(ledger, {"run": "r4"}, keys=KEY)
    assert refused.value.code == "ledger-unwritable"
    assert [entry["run"] for entry in read(ledger)] == ["r0", "r1", "r2", "r3"]


def test_a_write_that_takes_a_part_goes_on(ledger, monkeypatch):
    write = os.write
    monkeypatch.setattr(os, "write", lambda descriptor, content: write(descriptor, content[:7]))
    head = append(ledger, {"run": "r4"}, keys=KEY)
    assert codes(ledger, head=head) == []
    assert read(ledger)[-1]["run"] == "r4"


@pytest.mark.parametrize("ask", [read, head_of, verify])
@pytest.mark.parametrize(
    ("fault", "kind"),
    [
        (errno.EACCES, ConfigError),
        (errno.EISDIR, ConfigError),
        (errno.ENOTDIR, ConfigError),
        (errno.EIO, TryAgainError),
        (errno.ESTALE, TryAgainError),
    ],
)
def test_a_ledger_that_cannot_be_read_is_told(ledger, monkeypatch, ask, fault, kind):
    def fail(_):
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(type(ledger), "read_bytes", fail)
    with pytest.raises(kind) as refused:
        ask(ledger)
    assert refused.value.code == "ledger-unreadable"
    assert str(ledger) in refused.value.message
