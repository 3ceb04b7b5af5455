"""A table masked where it lies holds what a run with the same rules and key would have written."""

import shutil

import pytest
import sqlalchemy as sa

import masker
from tests.pipelines.lying import KEY, TABLES, Place, fill, sqlite_at

PIPELINE = """
version: 1
name: same
source: {url: "${SOURCE}"}
target: {url: "${TARGET}"}
columns:
  customers: {id: digits, email: email, name: full_name, country: keep}
  orders: {id: keep, total: keep}
  badges: {colour: fake_text}
  scans: {id: keep}
accept: ["weak-space"]
"""


@pytest.fixture(params=["postgres", "sqlite"])
def urls(request, tmp_path):
    """A filled source, a copy of it, and an empty place for the run."""
    if request.param == "sqlite":
        folder = tmp_path / "files"
        folder.mkdir()
        with sqlite_at(folder / "source.db") as engine:
            fill(Place(engine))
        shutil.copy(folder / "source.db", folder / "copy.db")
        yield tuple(f"sqlite:///{folder}/{name}.db" for name in ("source", "copy", "target"))
        return
    make = request.getfixturevalue("fresh_database")
    other, server = request.getfixturevalue("production"), request.getfixturevalue("staging")
    source, copy, target = make(other, "same"), make(server, "copy"), make(server, "target")
    for url in (source, copy):
        engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
        fill(Place(engine))
        engine.dispose()
    yield source, copy, target


def everything(url):
    engine = sa.create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    held = Place(engine).everything()
    engine.dispose()
    return held


def test_both_ways_lead_to_the_same_rows(urls, tmp_path):
    source, copy, target = urls
    path = tmp_path / "same.yaml"
    weak = ["customers.id", "customers.boss", "orders.customer", "badges.customer", "scans.badge"]
    accepted = ", ".join(f'"weak-space:{each}"' for each in weak)
    path.write_text(PIPELINE.replace('"weak-space"', accepted))
    environ = {"SOURCE": source, "TARGET": target, "MASKER_KEY": KEY}
    masker.run(path, records=tmp_path / "records", environ=environ)
    engine = sa.create_engine(copy.replace("postgresql://", "postgresql+psycopg://"))
    made = masker.Masker.from_rules(path, environ=environ)
    with engine.begin() as connection:
        for table in TABLES:
            made.mask_table(connection, table)
    engine.dispose()
    before, there, here = everything(source), everything(target), everything(copy)
    assert here == there
    assert all(here[table] != before[table] for table in TABLES)
