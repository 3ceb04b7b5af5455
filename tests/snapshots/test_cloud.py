"""Object stores, by fsspec's own file systems in memory and on disk."""

import sys

import fsspec
import pytest

from masker.errors import ConfigError, TryAgainError
from masker.snapshots import cloud
from masker.snapshots.places import Place
from masker.snapshots.seal import read_contents
from tests.snapshots.small import KEYS, fill


@pytest.fixture(params=["memory", "file"])
def url(request, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    if request.param == "file":
        yield f"file://{tmp_path}/store/shop/monday"
        return
    yield "memory://bucket/shop/monday"
    fsspec.filesystem("memory").rm("/", recursive=True)


def names(url):
    files, path = fsspec.core.url_to_fs(url)
    return (
        sorted(name.removeprefix(path) for name in files.find(path)) if files.exists(path) else []
    )


def put(url):
    place = Place.of(url)
    with place.begin(run="r") as folder:
        contents = fill(folder)
        folder.seal(contents, keys=KEYS)
        assert names(url) == []  # nothing leaves this machine before it is sealed
        folder.publish()
    return contents


def test_it_goes_up_and_comes_down_as_it_was_sealed(url, tmp_path):
    contents = put(url)
    assert "/seal.json" in names(url)
    assert len(names(url)) == 4
    with Place.of(f"{url}/").fetched() as folder:
        assert read_contents(folder, keys=KEYS)[0] == contents
    assert list((tmp_path / "tmp").iterdir()) == []


def test_it_is_never_written_over(url):
    put(url)
    with pytest.raises(ConfigError) as told, Place.of(url).begin(run="r"):
        pytest.fail("it began")
    assert told.value.code == "snapshot-exists"


def test_somebody_else_s_files_stay(url):
    files, path = fsspec.core.url_to_fs(url)
    files.makedirs(path, exist_ok=True)
    files.pipe_file(f"{path}/mine", b"1")
    with pytest.raises(ConfigError) as told, Place.of(url).begin(run="r"):
        pytest.fail("it began")
    assert told.value.code == "snapshot-exists"
    assert names(url) == ["/mine"]


def test_a_failing_upload_leaves_nothing(url, monkeypatch):
    put_ = cloud.Store._put

    def fail(store, path, name):
        if name.endswith(".parquet"):
            raise OSError("no room")
        put_(store, path, name)

    monkeypatch.setattr(cloud.Store, "_put", fail)
    with pytest.raises(TryAgainError) as told:
        put(url)
    assert told.value.code == "store-unreachable"
    assert names(url) == []


def test_what_a_killed_upload_left_is_no_snapshot_and_is_removed(url, tmp_path):
    put(url)
    files, path = fsspec.core.url_to_fs(url)
    files.rm_file(f"{path}/seal.json")
    files.pipe_file(f"{path}/{cloud._UPLOADING}", b"")
    with pytest.raises(ConfigError) as told, Place.of(url).fetched():
        pytest.fail("it was read")
    assert told.value.code == "no-snapshot"
    put(url)
    assert len(names(url)) == 4


def test_a_store_that_is_not_there_is_told(tmp_path):
    with pytest.raises(ConfigError) as told, Place.of("nosuch://bucket/x").begin(run="r"):
        pytest.fail("it began")
    assert told.value.code == "snapshot-place"


def test_what_is_not_installed_is_told(monkeypatch):
    monkeypatch.setitem(sys.modules, "s3fs", None)
    with pytest.raises(ConfigError) as told, Place.of("s3://bucket/x").begin(run="r"):
        pytest.fail("it began")
    assert told.value.code == "not-installed"
    assert "s3fs" in told.value.message
    monkeypatch.setitem(sys.modules, "fsspec", None)
    with pytest.raises(ConfigError) as told, Place.of("s3://bucket/x").begin(run="r"):
        pytest.fail("it began")
    assert told.value.code == "not-installed"
    assert "masker[cloud]" in told.value.help
