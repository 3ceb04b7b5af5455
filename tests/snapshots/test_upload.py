"""Uploads to one prefix: whole or not at all, and at most one at a time."""

import fsspec
import pytest

from masker.errors import ConfigError, TryAgainError
from masker.snapshots.cloud import UPLOADING, Store
from masker.snapshots.contents import SEAL
from masker.snapshots.places import Place
from masker.snapshots.seal import read_contents
from tests.snapshots.small import KEYS, fill
from tests.snapshots.stores import names, put


class Meanwhile:
    """Does something when an upload has come to a file, once: before it, or right after it."""

    def __init__(self, monkeypatch, method, name, act, *, after=False):
        self.method = getattr(Store, method)
        self.name, self.act, self.after, self.done = name, act, after, False
        made = self

        def call(store, *arguments):
            if made.after:
                made.method(store, *arguments)
            if not made.done and arguments[-1 if method == "put" else 0].endswith(made.name):
                made.done = True
                made.act()
            return None if made.after else made.method(store, *arguments)

        monkeypatch.setattr(Store, method, call)


def fail(failure):
    def act():
        raise failure

    return act


def mark_of(url):
    files, path = fsspec.core.url_to_fs(url)
    return files.cat_file(f"{path}/{UPLOADING}")


STEPS = [("put", ".parquet"), ("put", "manifest.json"), ("put", SEAL), ("remove", UPLOADING)]


@pytest.mark.parametrize("after", [False, True], ids=["before", "after"])
@pytest.mark.parametrize(("method", "name"), STEPS)
@pytest.mark.parametrize(
    "failure", [OSError("no room"), KeyboardInterrupt()], ids=["error", "stop"]
)
def test_a_failing_upload_leaves_nothing(url, tmp_path, monkeypatch, failure, method, name, after):
    Meanwhile(monkeypatch, method, name, fail(failure), after=after)
    with pytest.raises(
        TryAgainError if isinstance(failure, OSError) else KeyboardInterrupt
    ) as told:
        put(url)
    if isinstance(failure, OSError):
        assert told.value.code == "store-unreachable"
    files, path = fsspec.core.url_to_fs(url)
    assert not files.exists(path)
    assert list((tmp_path / "tmp").iterdir()) == []


def test_what_a_killed_upload_left_is_no_snapshot_and_is_removed(url):
    put(url)
    files, path = fsspec.core.url_to_fs(url)
    files.rm_file(f"{path}/{SEAL}")
    files.pipe_file(f"{path}/{UPLOADING}", b"killed")
    files.pipe_file(f"{path}/data/rows", b"1")
    with pytest.raises(ConfigError) as told, Place.of(url).fetched():
        pytest.fail("it was read")
    assert told.value.code == "no-snapshot"
    contents = put(url)
    with Place.of(url).fetched() as folder:
        assert read_contents(folder, keys=KEYS)[0] == contents


def test_an_upload_that_has_not_ended_is_no_snapshot_yet(url, monkeypatch):
    seen = []

    def look():
        assert f"/{SEAL}" in names(url)
        with pytest.raises(ConfigError) as told, Place.of(url).fetched():
            pytest.fail("it was read")
        seen.append(told.value.code)

    Meanwhile(monkeypatch, "remove", UPLOADING, look)
    put(url)
    assert seen == ["no-snapshot"]


def test_the_mark_names_the_run(url, monkeypatch):
    seen = []
    Meanwhile(monkeypatch, "put", SEAL, lambda: seen.append(mark_of(url)))
    put(url, run="20260101000000_ab12")
    assert seen[0].startswith(b"20260101000000_ab12 ")


def test_beginning_does_nothing_to_an_upload_that_goes_on(url, monkeypatch):
    def begin():
        before = names(url)
        with Place.of(url).begin(run="second"):
            assert names(url) == before

    Meanwhile(monkeypatch, "put", "manifest.json", begin)
    contents = put(url, run="first")
    with Place.of(url).fetched() as folder:
        assert read_contents(folder, keys=KEYS)[0] == contents


@pytest.mark.parametrize(("method", "name"), STEPS[:2])
def test_of_two_uploads_one_ends_well(url, tmp_path, monkeypatch, method, name):
    """The second comes when the first has begun: it takes the prefix over, and the first sees it."""
    second = []
    Meanwhile(monkeypatch, method, name, lambda: second.append(put(url, run="second")), after=True)
    with pytest.raises(TryAgainError) as told:
        put(url, run="first")
    assert told.value.code == "snapshot-taken"
    with Place.of(url).fetched() as folder:
        assert read_contents(folder, keys=KEYS)[0] == second[0]
    assert list((tmp_path / "tmp").iterdir()) == []


@pytest.mark.parametrize("how", ["begins", "uploads"])
def test_who_comes_when_the_seal_is_there_leaves_it_whole(url, monkeypatch, how):
    """The second looks at the prefix, or looked before the first came, and then uploads."""

    def second():
        with pytest.raises(ConfigError) as told:
            put(url, run="second")
        assert told.value.code == "snapshot-exists"

    if how == "begins":
        Meanwhile(monkeypatch, "put", SEAL, second, after=True)
        contents = put(url, run="first")
    else:
        with pytest.raises(ConfigError) as told, Place.of(url).begin(run="second") as folder:
            contents = put(url, run="first")
            folder.seal(fill(folder), keys=KEYS)
            folder.publish()
        assert told.value.code == "snapshot-exists"
    with Place.of(url).fetched() as there:
        assert read_contents(there, keys=KEYS)[0] == contents


def test_a_seal_and_a_mark_that_cross_are_seen_by_one(url, monkeypatch):
    """The second marks the prefix after the first looked for its mark, before its seal is there."""
    files, path = fsspec.core.url_to_fs(url)

    def mark():
        files.pipe_file(f"{path}/{UPLOADING}", b"second")

    Meanwhile(monkeypatch, "put", SEAL, mark)
    with pytest.raises(TryAgainError) as told:
        put(url, run="first")
    assert told.value.code == "snapshot-taken"
    left = names(url)
    assert f"/{SEAL}" not in left
    assert f"/{UPLOADING}" in left  # the second's, which removes the rest
    assert not [name for name in left if name.startswith("/data/")]
    put(url, run="third")


def test_a_failure_does_not_touch_the_snapshot_of_another(url, monkeypatch):
    """A store that fails the first while the second has sealed."""
    second = []

    def act():
        second.append(put(url, run="second"))
        raise OSError("no room")

    Meanwhile(monkeypatch, "put", "manifest.json", act)
    with pytest.raises(TryAgainError):
        put(url, run="first")
    with Place.of(url).fetched() as folder:
        assert read_contents(folder, keys=KEYS)[0] == second[0]
