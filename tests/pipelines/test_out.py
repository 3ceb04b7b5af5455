"""A file that a person asked for holds what was there or what is new, whole, or is refused."""

import errno
import os
import stat
import threading

import pytest

from masker.errors import ConfigError, TryAgainError
from masker.pipelines.out import check_out, write_out


def test_a_file_is_made_with_its_folders(tmp_path):
    path = tmp_path / "a" / "b" / "out.txt"
    check_out(path)
    assert not path.parent.exists()
    write_out(path, "ä\n")
    assert path.read_bytes() == "ä\n".encode()
    assert [each.name for each in path.parent.iterdir()] == ["out.txt"]


def test_what_is_there_keeps_its_rights_and_its_links(tmp_path):
    path, link = tmp_path / "out.txt", tmp_path / "link"
    path.write_text("old")
    path.chmod(0o640)
    link.symlink_to(path)
    check_out(link)
    write_out(link, "new")
    assert link.is_symlink()
    assert path.read_text() == "new"
    assert stat.S_IMODE(path.stat().st_mode) == 0o640


def test_a_pipe_is_written_to(tmp_path):
    path = tmp_path / "pipe"
    os.mkfifo(path)
    heard = []
    reader = threading.Thread(target=lambda: heard.append(path.read_text()))
    reader.start()
    check_out(path)
    write_out(path, "new")
    reader.join(10)
    assert heard == ["new"]


@pytest.mark.parametrize("fault", [errno.ENOSPC, errno.EROFS], ids=["full", "read-only"])
@pytest.mark.parametrize("step", ["fsync", "replace"])
def test_a_failure_leaves_the_old_text_and_nothing_else(tmp_path, monkeypatch, step, fault):
    path = tmp_path / "out.txt"
    path.write_text("old")

    def fail(*_):
        raise OSError(fault, os.strerror(fault))

    monkeypatch.setattr(*{"fsync": (os, "fsync", fail), "replace": (type(path), step, fail)}[step])
    kind = TryAgainError if fault == errno.ENOSPC else ConfigError
    with pytest.raises(kind) as refused:
        write_out(path, "new")
    assert refused.value.code == "unwritable-file"
    assert path.read_text() == "old"
    assert [each.name for each in tmp_path.iterdir()] == ["out.txt"]


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("folder", "is a directory"),
        ("file/out.txt", "not a directory"),
        ("file/below/out.txt", "not a directory"),
        ("null\0", "no such path"),
    ],
)
def test_what_cannot_be_a_file_is_refused_beforehand(tmp_path, name, why):
    (tmp_path / "folder").mkdir()
    (tmp_path / "file").write_text("")
    with pytest.raises(ConfigError, match=why) as refused:
        check_out(tmp_path / name)
    assert refused.value.code == "unwritable-file"


def test_a_folder_that_is_not_ones_own_is_refused_beforehand(tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)  # root may write everywhere
    with pytest.raises(ConfigError, match="permission denied"):
        check_out(tmp_path / "out.txt")
