"""Snapshots of SQLite files: what a run would write, value for value."""

import pytest

from masker.errors import ConfigError, UnsafeError
from masker.pipelines.load import load_snapshot
from masker.pipelines.snapshot import snapshot
from tests.pipelines import difficult
from tests.pipelines.difficult import rows, schema, stored
from tests.pipelines.test_sqlite import CHINOOK, POLICIES, environ, go


def take(policy, source, folder, **options):
    return snapshot(
        POLICIES / f"{policy}.yaml",
        folder / "snap",
        records=folder / "records",
        environ=environ(source, source),
        **options,
    )


def load(folder, target, **options):
    return load_snapshot(
        folder / "snap",
        f"sqlite:///{target}",
        records=folder / "records",
        environ=environ(target, target),
        **options,
    )


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    folder = tmp_path_factory.mktemp("difficult")
    source = difficult.make(folder / "source.db")
    take("difficult_sqlite", source, folder)
    return source, folder


def test_a_difficult_file_comes_back_as_a_run_writes_it(made, tmp_path):
    source, folder = made
    load(folder, tmp_path / "one.db")
    load(folder, tmp_path / "two.db")
    go("difficult_sqlite", source, tmp_path / "run.db")
    assert schema(tmp_path / "one.db") == schema(tmp_path / "run.db")
    tables = rows(source, "SELECT DISTINCT m.name, c.name FROM sqlite_schema m, pragma_table_xinfo(m.name) c "
                  "WHERE m.type = 'table' AND m.sql NOT LIKE 'CREATE VIRTUAL%'")  # fmt: skip
    there = {name.decode() for (_, name, *_) in schema(tmp_path / "run.db")}
    looked = 0
    for table, column in ((table.decode(), column.decode()) for table, column in tables):
        if table in there:
            quoted = ['"{}"'.format(name.replace('"', '""')) for name in (table, column)]
            one, run, two = (
                stored(tmp_path / f"{name}.db", *quoted) for name in ("one", "run", "two")
            )
            assert one == run == two, f"{table}.{column}"
            looked += 1
    assert looked > 25


def test_chinook_is_loaded_over_what_was_loaded(tmp_path):
    take("chinook_sqlite", CHINOOK, tmp_path, roots=["Customer where CustomerId < 4"])
    for _ in range(2):
        done = load(tmp_path, tmp_path / "target.db")
        assert done.run.rows["main.Customer"] == 3
    assert schema(tmp_path / "target.db") == schema(CHINOOK)


def test_the_source_is_no_target(made):
    source, folder = made
    with pytest.raises(UnsafeError) as told:
        load(folder, source, allow=["unmarked-target"])
    assert "same-database" in {each.code for each in told.value.findings.blocking}


def test_there_are_no_scripts_of_it(made, tmp_path):
    with pytest.raises(ConfigError) as told:
        take("difficult_sqlite", made[0], tmp_path, format="sql")
    assert told.value.code == "bad-format"
