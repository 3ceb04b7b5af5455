"""Object stores, by fsspec's own file systems in memory and on disk."""

import errno
import sys
from unittest.mock import Mock

import fsspec
import pytest

from masker.errors import ConfigError, TryAgainError
from masker.snapshots.places import Place
from masker.snapshots.seal import read_contents
from tests.snapshots.small import KEYS
from tests.snapshots.stores import names, put


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


def test_a_store_that_refuses_is_told_without_the_password():
    """Nobody listens there; fsspec connects to an FTP server while it opens the URL."""
    with (
        pytest.raises(TryAgainError) as refused,
        Place.of("ftp://u:S3CRET@127.0.0.1:1/x").fetched(),
    ):
        pytest.fail("it was read")
    assert refused.value.code == "store-unreachable"
    assert "ftp://127.0.0.1:1/x" in str(refused.value)
    assert "S3CRET" not in str(refused.value)


@pytest.mark.parametrize(
    "url",
    [
        "ftp://u:p@host:S3CRET/x",
        "simplecache::ftp://u:S3CRET@host/x",
        "zip://a::ftp://u:S3CRET@h/x",
    ],
)
def test_what_is_no_url_of_a_place_is_told_without_the_password(url):
    with pytest.raises(ConfigError) as refused, Place.of(url).begin(run="r"):
        pytest.fail("it began")
    assert refused.value.code == "snapshot-place"
    assert "S3CRET" not in f"{refused.value} {refused.value.subject}"


def test_no_text_of_a_place_holds_the_password():
    place = Place.of("ftp://u:S3CRET@host/x?token=S3CRET")
    assert str(place) == "ftp://host/x"
    assert "S3CRET" not in repr(place)


@pytest.mark.parametrize("there", ["no folder", "a full disk"])
def test_a_machine_that_takes_no_copy_is_told(url, tmp_path, monkeypatch, there):
    put(url)
    if there == "no folder":
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "none"))
    else:
        kind = type(fsspec.core.url_to_fs(url)[0])
        full = OSError(errno.ENOSPC, "No space left on device")
        monkeypatch.setattr(kind, "get_file", Mock(side_effect=full))
    with pytest.raises(TryAgainError) as told, Place.of(url).fetched():
        pytest.fail("it was read")
    assert told.value.code == "snapshot-unwritable"
    assert list((tmp_path / "tmp").iterdir()) == []
