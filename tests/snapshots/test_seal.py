"""Whatever is done to a sealed folder is found out before anything is read from it."""

import errno
import hashlib
import json
import os
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.engines.part import Part
from masker.engines.registry import engine_named
from masker.errors import ConfigError, TryAgainError, UnsafeError
from masker.keys import Keyring
from masker.snapshots.reading import reader_of
from masker.snapshots.seal import read_contents, write_seal
from tests.snapshots.small import COLUMNS, KEYS, OTHER, TABLE, make
from tests.users import ordinary_user


@pytest.fixture
def sealed(tmp_path):
    make(tmp_path / "snap")
    return tmp_path / "snap"


def data(folder):
    (path,) = (folder / "data").rglob("*.parquet")
    return path


def edit(path, change):
    facts = json.loads(path.read_bytes())
    change(facts)
    path.write_text(json.dumps(facts))


def flip(path):
    raw = bytearray(path.read_bytes())
    raw[len(raw) // 2] ^= 1
    path.write_bytes(raw)


def swap(folder):
    """Let two sealed files change places."""
    one, other = data(folder), folder / "ddl.json"
    content = one.read_bytes()
    one.write_bytes(other.read_bytes())
    other.write_bytes(content)


def forge(folder):
    """Change a file, and every hash that vouches for it; only the key is not at hand."""
    path, raw = data(folder), data(folder).read_bytes() + b"x"
    path.write_bytes(raw)

    def change(facts):
        for file in facts["files"]:
            if file["path"] == path.relative_to(folder).as_posix():
                file.update(bytes=len(raw), sha256=hashlib.sha256(raw).hexdigest())

    edit(folder / "manifest.json", change)
    seal = hashlib.sha256((folder / "manifest.json").read_bytes()).hexdigest()
    edit(folder / "seal.json", lambda told: told.update(manifest=seal))


TAMPERING = {
    "swapped files": swap,
    "a file and every hash": forge,
    "a changed bit": lambda folder: flip(data(folder)),
    "a cut file": lambda folder: data(folder).write_bytes(data(folder).read_bytes()[:-1]),
    "a longer file": lambda folder: data(folder).write_bytes(data(folder).read_bytes() + b"x"),
    "a missing file": lambda folder: data(folder).unlink(),
    "an added file": lambda folder: (data(folder).parent / "more.parquet").write_bytes(b""),
    "a hidden file": lambda folder: (folder / ".more").write_bytes(b""),
    "a link": lambda folder: (folder / "data" / "more").symlink_to(data(folder)),
    "a file for a link": lambda folder: (
        data(folder).rename(folder.parent / "away"),
        (folder / "data" / "public.people%2Fof 100%25" / "x.parquet").symlink_to(folder.parent / "away"),
    ),
    "the definition": lambda folder: (folder / "ddl.json").write_text("{ }"),
    "the manifest": lambda folder: edit(folder / "manifest.json", lambda m: m.update(rows=[])),
    "no manifest": lambda folder: (folder / "manifest.json").unlink(),
    "no seal": lambda folder: (folder / "seal.json").unlink(),
    "a torn seal": lambda folder: (folder / "seal.json").write_text("{"),
    "another MAC": lambda folder: edit(folder / "seal.json", lambda s: s.update(mac="0" * 64)),
    "no MAC": lambda folder: edit(folder / "seal.json", lambda s: s.update(mac=None)),
}  # fmt: skip


@pytest.mark.parametrize("how", TAMPERING)
def test_it_is_refused(sealed, how):
    TAMPERING[how](sealed)
    with pytest.raises(UnsafeError) as refused:
        read_contents(sealed, keys=KEYS)
    assert {finding.code for finding in refused.value.findings} == {"snapshot-changed"}


def test_all_that_was_done_is_told_at_once(sealed):
    """A file is changed, one is missing, one was added and one is a link."""
    flip(data(sealed))
    (sealed / "ddl.json").unlink()
    (sealed / "more").write_bytes(b"")
    (sealed / "data" / "link").symlink_to(data(sealed))
    with pytest.raises(UnsafeError) as refused:
        read_contents(sealed, keys=KEYS)
    assert refused.value.exit_code == 3
    told = [(finding.code, finding.subject) for finding in refused.value.findings.blocking]
    changed = data(sealed).relative_to(sealed).as_posix()
    subjects = ["ddl.json", "data/link", "more", changed]
    assert sorted(told) == sorted(("snapshot-changed", each) for each in subjects)


def test_who_seals_anew_without_the_key_is_found_out(sealed):
    contents, _ = read_contents(sealed, keys=KEYS)
    (sealed / "manifest.json").unlink()
    (sealed / "seal.json").unlink()
    seal = write_seal(sealed, contents, keys=OTHER)
    edit(sealed / "seal.json", lambda told: told.update(key=KEYS.id))
    with pytest.raises(UnsafeError):
        read_contents(sealed, keys=KEYS)
    with pytest.raises(UnsafeError):
        read_contents(sealed, seal="0" * 64)
    assert read_contents(sealed, seal=seal.upper())[0] == contents


@pytest.mark.parametrize(
    "cut",
    [lambda s: s[:8], lambda s: s + "0", lambda _: "", lambda s: "x" + s[1:], lambda _: "é" * 64],
)
def test_what_is_no_seal_is_a_mistake_of_who_calls_and_no_change(sealed, cut):
    seal = hashlib.sha256((sealed / "manifest.json").read_bytes()).hexdigest()
    with pytest.raises(ConfigError, match="a seal has 64 digits") as refused:
        read_contents(sealed, seal=cut(seal))
    assert (refused.value.exit_code, refused.value.code) == (2, "no-seal")
    assert read_contents(sealed, seal=f" {seal.upper()}\n")[0].run


UNKEYED, WITHOUT = "seal-unkeyed", "seal-without-key"


@pytest.mark.parametrize(
    ("sealer", "reader", "told", "stops"),
    [
        (KEYS, KEYS, [], False),
        (KEYS, None, [UNKEYED], False),
        (KEYS, OTHER, [UNKEYED], True),
        (Keyring.ephemeral(), None, [WITHOUT], False),
        (Keyring.ephemeral(), KEYS, [WITHOUT], True),
    ],
)
def test_what_hashes_alone_cannot_prove_is_told(tmp_path, sealer, reader, told, stops):
    seal = make(tmp_path / "snap", keys=sealer)
    _, found = read_contents(tmp_path / "snap", keys=reader)
    assert [finding.id for finding in found] == told
    assert bool(found.blocking) == stops
    assert not found.accept(told).blocking
    assert not read_contents(tmp_path / "snap", keys=reader, seal=seal)[1]


@pytest.mark.parametrize("key", [None, OTHER.id])
def test_a_key_at_hand_is_not_silenced_by_a_seal_that_leaves_it_out(sealed, key):
    forge(sealed)
    mac = key and "0" * 64
    edit(sealed / "seal.json", lambda told: told.update(key=key, mac=mac))
    assert read_contents(sealed, keys=KEYS)[1].blocking


WRITTEN = st.one_of(
    st.none(), st.integers(), st.text(max_size=70), st.lists(st.text(), max_size=2),
    st.text("0123456789abcdef", min_size=64, max_size=64), st.just("1-\x1b[31mevil"),
)  # fmt: skip


@given(st.one_of(WRITTEN, st.dictionaries(st.sampled_from(["manifest", "key", "mac"]), WRITTEN)))
def test_whatever_stands_in_a_seal_it_is_refused_or_told(told):
    with TemporaryDirectory() as folder:
        make(Path(folder) / "snap")
        path = Path(folder) / "snap" / "seal.json"
        before = json.loads(path.read_bytes())
        path.write_text(json.dumps({**before, **told} if isinstance(told, dict) else told))
        with suppress(UnsafeError):
            _, found = read_contents(Path(folder) / "snap", keys=KEYS)
            after = json.loads(path.read_bytes())
            assert after == before or [each.code for each in found.blocking] == [WITHOUT]


@pytest.mark.parametrize("what", ["nothing", "a folder", "a file"])
def test_what_is_no_snapshot_is_told(tmp_path, what):
    place = tmp_path / "snap"
    if what == "a folder":
        place.mkdir()
    elif what == "a file":
        place.write_text("")
    with pytest.raises(ConfigError) as told:
        read_contents(place)
    assert told.value.code == "no-snapshot"


FOLDERS = ["", "data", "data/public.people%2Fof 100%25"]
RIGHTS = [0o000, 0o300, 0o400]  # none, no list, no way in


@pytest.mark.parametrize(
    ("shut", "rights"),
    [
        *((name, 0) for name in ("seal.json", "manifest.json", "ddl.json", "rows")),
        *((name, rights) for name in FOLDERS for rights in RIGHTS),
    ],
)
def test_a_missing_right_is_no_tampering(shut, rights):
    with ordinary_user() as place:
        folder = place / "snap"
        make(folder)
        (data(folder) if shut == "rows" else folder / shut).chmod(rights)
        with pytest.raises(ConfigError) as told:
            read_contents(folder, keys=KEYS)
        found = told.value.findings.blocking
        assert {each.code for each in found} == {"snapshot-unreadable"}
        assert len({each.subject for each in found}) == len(found)
        assert "right" in found[0].help


def test_what_was_changed_is_told_before_what_may_not_be_read():
    with ordinary_user() as place:
        make(place / "snap")
        data(place / "snap").chmod(0)
        (place / "snap" / "ddl.json").write_text("{ }")
        with pytest.raises(UnsafeError) as refused:
            read_contents(place / "snap", keys=KEYS)
        assert [each.subject for each in refused.value.findings] == ["ddl.json"]


@pytest.mark.parametrize("name", ["seal.json", "manifest.json", ".parquet"])
def test_a_disk_that_fails_is_no_tampering(sealed, monkeypatch, name):
    read = Path.read_bytes

    def fail(path):
        if path.name.endswith(name):
            raise OSError(errno.EIO, "Input/output error")
        return read(path)

    monkeypatch.setattr(Path, "read_bytes", fail)
    with pytest.raises(TryAgainError) as told:
        read_contents(sealed, keys=KEYS)
    assert told.value.code == "snapshot-unreadable"


def test_a_lane_tells_a_missing_right_too():
    with ordinary_user() as place:
        make(place / "snap")
        contents, _ = read_contents(place / "snap", keys=KEYS)
        data(place / "snap").chmod(0)
        outlet = reader_of(place / "snap", contents).open()
        codec = engine_named("postgres").codec(COLUMNS, passed_on=True)
        with pytest.raises(ConfigError) as told:
            list(outlet.read(Part(table=TABLE), codec, batch_bytes=1000))
        assert told.value.code == "snapshot-unreadable"


@pytest.mark.parametrize("name", ["seal.json", "manifest.json", "ddl.json"])
def test_a_pipe_in_place_of_a_file_keeps_nobody_waiting(sealed, name):
    (sealed / name).unlink()
    os.mkfifo(sealed / name)
    with pytest.raises(UnsafeError):
        read_contents(sealed, keys=KEYS)


def test_another_version_is_told(sealed):
    edit(sealed / "manifest.json", lambda facts: facts.update(version=99))
    text = (sealed / "manifest.json").read_bytes()
    edit(
        sealed / "seal.json",
        lambda told: told.update(manifest=hashlib.sha256(text).hexdigest(), key=None, mac=None),
    )
    with pytest.raises(ConfigError) as told:
        read_contents(sealed)
    assert told.value.code == "no-snapshot"
