"""The folder is there whole or not at all, and what was killed is removed by the next."""

import errno
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from masker.errors import ConfigError, TryAgainError
from masker.snapshots import folder as snapshot_folder
from masker.snapshots.contents import DATA, folder_of
from masker.snapshots.folder import Folder
from masker.snapshots.seal import read_contents
from tests.snapshots.small import KEYS, TABLE, fill, make
from tests.users import ordinary_user


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_it_has_its_name_only_when_it_is_sealed(tmp_path):
    out = tmp_path / "deep" / "snap"
    with Folder.begin(out, run="r") as folder:
        contents = fill(folder)
        assert names(out.parent) == [".snap.masker-r"]
        folder.seal(contents, keys=KEYS)
        assert not out.exists()
        folder.publish()
    assert names(tmp_path / "deep") == ["snap"]
    assert read_contents(out, keys=KEYS)[0] == contents


def test_it_is_private(tmp_path):
    make(tmp_path / "snap")
    modes = {stat.S_IMODE(path.stat().st_mode) for path in tmp_path.rglob("*") if path.is_file()}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "snap").stat().st_mode) == 0o700


@pytest.mark.parametrize("failure", [RuntimeError, KeyboardInterrupt])
def test_what_is_not_sealed_leaves_nothing(tmp_path, failure):
    with pytest.raises(failure), Folder.begin(tmp_path / "snap", run="r") as folder:
        folder.seal(fill(folder), keys=KEYS)
        raise failure
    assert names(tmp_path) == []


@pytest.mark.parametrize("there", ["file", "folder", "link"])
def test_it_is_never_written_over_anything(tmp_path, there):
    out = tmp_path / "snap"
    if there == "file":
        out.write_text("mine")
    elif there == "folder":
        (out / "mine").mkdir(parents=True)
    else:
        out.symlink_to(tmp_path / "elsewhere")
    before = names(tmp_path)
    with pytest.raises(ConfigError) as refused, Folder.begin(out, run="r"):
        pytest.fail("it began")
    assert refused.value.code == "snapshot-exists"
    assert names(tmp_path) == before


def test_an_empty_folder_may_be_there(tmp_path):
    (tmp_path / "snap").mkdir()
    make(tmp_path / "snap")
    read_contents(tmp_path / "snap", keys=KEYS)


def test_what_came_into_its_place_meanwhile_stays(tmp_path):
    out = tmp_path / "snap"
    with pytest.raises(ConfigError) as refused, Folder.begin(out, run="r") as folder:
        folder.seal(fill(folder), keys=KEYS)
        (out / "mine").mkdir(parents=True)
        folder.publish()
    assert refused.value.code == "snapshot-exists"
    assert names(tmp_path) == ["snap"]


def test_only_what_no_process_holds_is_removed(tmp_path):
    out = tmp_path / "s*[a]"  # signs that mean more to a glob
    code = (
        "import sys, os\nfrom pathlib import Path\nfrom masker.snapshots.folder import Folder\n"
        "folder = Folder.begin(Path(sys.argv[1]), run='dead')\nos._exit(9)"
    )
    subprocess.run([sys.executable, "-c", code, str(out)], check=False, env={**os.environ})
    assert names(tmp_path) == [".s*[a].masker-dead"]
    (tmp_path / ".other.masker-dead").mkdir()
    with Folder.begin(out, run="first") as first:
        assert [finding.code for finding in first.findings] == ["orphan-dropped"]
        with Folder.begin(out, run="second") as second:
            assert not second.findings
            assert first.path.is_dir()
    assert names(tmp_path) == [".other.masker-dead"]


def test_another_users_remainder_is_told_and_stands_in_nobodys_way():
    with ordinary_user() as folder:
        closed = folder / ".snap.masker-theirs"
        closed.mkdir()
        closed.chmod(0)
        with Folder.begin(folder / "snap", run="r") as made:
            (told,) = made.findings
            assert (told.code, told.subject) == ("orphan-not-dropped", closed.name)
            made.seal(fill(made), keys=KEYS)
            made.publish()
        assert names(folder) == [closed.name, "snap"]


@pytest.mark.parametrize("when", ["before it is held", "while it is held"])
def test_a_remainder_that_another_run_removes_is_nothing(tmp_path, monkeypatch, when):
    left = tmp_path / ".snap.masker-dead"
    left.mkdir()
    held = snapshot_folder._locked

    def locked(path):
        if path != left:
            return held(path)
        if when == "while it is held":
            descriptor = held(path)
            left.rmdir()
            return descriptor
        left.rmdir()
        return held(path)

    monkeypatch.setattr(snapshot_folder, "_locked", locked)
    with Folder.begin(tmp_path / "snap", run="r") as made:
        assert not made.findings
    assert names(tmp_path) == []


def test_a_disk_that_fills_at_the_beginning_leaves_nothing(tmp_path, monkeypatch):
    mkdir = Path.mkdir

    def fail(path, *arguments, **options):
        if path.name == DATA:
            raise OSError(errno.ENOSPC, "No space left on device")
        mkdir(path, *arguments, **options)

    monkeypatch.setattr(Path, "mkdir", fail)
    with pytest.raises(TryAgainError) as told, Folder.begin(tmp_path / "snap", run="r"):
        pytest.fail("it began")
    assert told.value.code == "snapshot-unwritable"
    assert names(tmp_path) == []


def test_a_place_that_may_not_be_looked_into_is_told():
    with ordinary_user() as folder:
        (folder / "shut").mkdir()
        (folder / "shut").chmod(0)
        for out in (folder / "shut", folder / "shut" / "snap"):
            with pytest.raises(TryAgainError) as told, Folder.begin(out, run="r"):
                pytest.fail("it began")
            assert told.value.code == "snapshot-unwritable"


def test_a_folder_that_cannot_be_written_is_told(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(TryAgainError) as told, Folder.begin(tmp_path / "file" / "snap", run="r"):
        pytest.fail("it began")
    assert told.value.code == "snapshot-unwritable"


def test_folders_of_tables_are_names_of_files():
    assert folder_of(TABLE) == "public.people%2Fof 100%25"


def test_files_of_one_table_have_one_schema(tmp_path):
    import polars as pl

    from masker.catalog import Column, Kind, TableName, Type
    from masker.snapshots.contents import StoredTable
    from masker.snapshots.writing import FolderWriter

    table = TableName("public", "days")
    columns = (Column(name="d", type=Type(name="date", base="date", kind=Kind.DATE)),)
    with Folder.begin(tmp_path / "snap", run="r") as folder:
        writer = FolderWriter(
            data=folder.data,
            engine="postgres",
            format="parquet",
            columns={table: columns},
            file_bytes=1,  # a file for each block
        )
        with writer.open() as inlet, inlet.load(table, ["d"]) as write:
            write(b"2024-01-01\n")
            write(b"infinity\n")
        stored = StoredTable(table=table, into=table, columns=("d",), recomputed=())
        (found,) = folder.files_of((stored,), format="parquet")
        frame = pl.concat([pl.read_parquet(folder.path / path) for path in found.files])
        assert sorted(frame["d"]) == ["2024-01-01", "infinity"]
