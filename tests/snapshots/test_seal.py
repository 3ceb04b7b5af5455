"""Whatever is done to a sealed folder is found out before anything is read from it."""

import json

import pytest

from masker.errors import ConfigError, UnsafeError
from masker.keys import Keyring
from masker.snapshots.seal import read_contents, write_seal
from tests.snapshots.small import KEYS, OTHER, make


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


TAMPERING = {
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
    ("sealer", "reader", "told"),
    [
        (KEYS, KEYS, []),
        (KEYS, None, ["seal-unkeyed"]),
        (KEYS, OTHER, ["seal-unkeyed"]),
        (Keyring.ephemeral(), KEYS, ["seal-without-key"]),
    ],
)
def test_what_hashes_alone_cannot_prove_is_told(tmp_path, sealer, reader, told):
    make(tmp_path / "snap", keys=sealer)
    _, found = read_contents(tmp_path / "snap", keys=reader)
    assert [finding.code for finding in found] == told
    assert not found.blocking


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


def test_another_version_is_told(sealed):
    import hashlib

    edit(sealed / "manifest.json", lambda facts: facts.update(version=99))
    text = (sealed / "manifest.json").read_bytes()
    edit(
        sealed / "seal.json",
        lambda told: told.update(manifest=hashlib.sha256(text).hexdigest(), key=None, mac=None),
    )
    with pytest.raises(ConfigError) as told:
        read_contents(sealed)
    assert told.value.code == "no-snapshot"
