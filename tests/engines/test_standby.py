import subprocess
import tempfile
from pathlib import Path

import numpy as np
import pytest

from masker.catalog import TableName
from masker.engines.postgres.address import Address
from masker.engines.postgres.catalog import read_catalog
from masker.engines.postgres.keys import PostgresRows
from masker.engines.postgres.predicate import complaint
from masker.engines.postgres.read import (
    begin_snapshot,
    join_snapshot,
    parts,
    parts_by_number,
    read,
)
from masker.engines.postgres.rights import missing_rights
from masker.engines.postgres.session import Session, Side
from masker.errors import ConfigError
from tests.servers import Server


@pytest.fixture(scope="module")
def standby():
    with Server.start() as primary:
        primary.sql(
            "CREATE TABLE public.t (id serial);"
            "INSERT INTO public.t SELECT FROM generate_series(1, 200000);"
            "CREATE UNLOGGED TABLE public.unlogged (id serial)"
        )
        copy = Server(
            directory=Path(tempfile.mkdtemp(prefix="masker-")),
            tree=primary.bin.parent,
            runner=primary._runner,
            superuser=primary.superuser,
            temporary=True,
        )
        try:
            copy._make_directory()
            subprocess.run(
                [
                    copy.bin / "pg_basebackup",
                    "--checkpoint=fast",
                    "-D",
                    copy.data,
                    "-R",
                    "-d",
                    primary.url(),
                ],
                check=True,
                cwd="/",
                **copy._runner.popen_options(),
            )
            copy.launch()
            yield copy
        finally:
            copy.stop()


def test_a_standby_serves(standby):
    address = Address.parse(standby.url())
    with (
        Session.open(address, side=Side.SOURCE) as first,
        Session.open(address, side=Side.SOURCE) as second,
    ):
        assert first.one("SELECT pg_is_in_recovery()")
        join_snapshot(second, begin_snapshot(first))
        catalog = read_catalog(first)
        table = catalog.table(TableName("public", "t"))
        assert {sequence.last_value for sequence in catalog.sequences} == {200000, None}
        found = [
            block
            for part in parts(table.name, pages=table.pages, count=3)
            for block in read(second, part, ["id"])
        ]
        assert b"".join(found).count(b"\n") == 200000
        assert [item.id for item in missing_rights(first, catalog)] == [
            "unlogged-on-standby:public.unlogged",
        ]


def test_what_a_standby_does_not_have_is_said_in_words(standby):
    with (
        Session.open(Address.parse(standby.url()), side=Side.SOURCE) as session,
        pytest.raises(ConfigError, match="does not support this"),
    ):
        session.query("SELECT * FROM public.unlogged")


def test_a_subset_is_chosen_on_a_standby(standby):
    """Row numbers, conditions and arrays of numbers need nothing that only a primary has."""
    with (
        Session.open(Address.parse(standby.url()), side=Side.SOURCE) as first,
        Session.open(Address.parse(standby.url()), side=Side.SOURCE) as second,
    ):
        join_snapshot(second, begin_snapshot(first))
        catalog = read_catalog(first)
        name = TableName("public", "t")
        assert complaint(first, name, "id % 10 = 0") is None
        assert "column" in complaint(first, name, "no_such = 0")
        rows = PostgresRows(first, catalog)
        found = [batch.ids for batch in rows.scan(name, where="id % 10 = 0")]
        kept = parts_by_number(name, np.concatenate(found), count=2)
        text = b"".join(block for part in kept for block in read(second, part, ["id"]))
        assert sorted(map(int, text.split())) == list(range(10, 200001, 10))
