"""chinook in PostgreSQL and in SQLite: the same roots and the same seed keep the same rows."""

import re
from contextlib import contextmanager

import pytest

from masker.keys import Keyring
from masker.pipelines.planning import planned
from masker.rules.pipeline import parse_pipeline
from tests.conftest import SAMPLES

HEAD = """version: 1
name: chinook
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns: {"*": {"*": keep}}
subset:
"""
# Written as PostgreSQL's copy spells them; SQLite's says `InvoiceLine.InvoiceLineId`.
NAMES = re.compile(
    r"\b(album|artist|customer|employee|genre|invoice|invoice_line|media_type|playlist|"
    r"playlist_track|track|support_rep_id|country|invoice_date|total|name|"
    r"(?:album|artist|customer|genre|invoice|track|playlist)_id)\b"
)
SUBSETS = {
    "where": "  roots: [{table: customer, where: customer_id = 42}]",
    "where text": "  roots: [{table: customer, where: country = 'Brazil'}]",
    "sample": "  roots: [{table: customer, sample: 10%, seed: 7}]",
    "another seed": "  roots: [{table: customer, sample: 10%, seed: 8}]",
    "sample of a composite key": "  roots: [{table: playlist_track, sample: 1%}]",
    "sample where": "  roots: [{table: invoice, sample: 20%, where: total > 5}]",
    "rows": "  roots: [{table: artist, rows: 5, seed: 3}]",
    "newest": "  roots: [{table: invoice, newest: {by: invoice_date, n: 6}}]",
    "newest with ties": "  roots: [{table: invoice, newest: {by: total, n: 30}}]",
    "stratify": "  roots: [{table: customer, rows: 9, stratify: [country]}]",
    "two roots": "  roots: [{table: customer, rows: 2}, {table: genre, where: \"name = 'Jazz'\"}]",
    "children": """  roots: [{table: artist, sample: 20%}]
  children: {max_per_parent: 2, seed: 5}""",
    "depth": """  roots: [{table: customer, rows: 4}]
  children: {max_depth: 1}""",
    "an edge off": """  roots: [{table: customer, rows: 4}]
  children: {edges: {invoice_line.invoice_id: off}}""",
    "self reference": "  roots: [{table: employee, sample: 40%, seed: 2}]",
    "unrelated": """  roots: [{table: customer, sample: 10%}]
  children: {edges: {invoice_line.track_id: off, playlist_track.track_id: off}}
  unrelated: sample
  lookup_rows: 0""",
    "budget": """  roots: [{table: customer, sample: 50%}]
  budget: {rows: 2000}""",
    "cover": """  roots: [{table: customer, rows: 3}]
  cover: true""",
}


def camel(found):
    return "".join(word.capitalize() for word in found[0].split("_"))


def of_sqlite(text):
    return NAMES.sub(camel, text)


@contextmanager
def ready(text, source, target):
    pipeline = parse_pipeline(
        text, file="p.yaml", environ={"SOURCE_URL": source, "TARGET_URL": target}
    )
    with planned(pipeline, keys=Keyring.ephemeral()) as made:
        assert not made.plan.findings.blocking
        yield made


def kept(text, source, target):
    """Return the keys of all kept rows as text, by the table's name without case and blanks."""
    found = {}
    with ready(text, source, target) as made:
        for table, ids in made.kept.items():
            key = made.plan.catalog.table(table).primary_key.columns
            rows = made.subset.closure.frame.rows
            batches = rows.scan(table, key) if ids is None else rows.read(table, ids, key)
            values = [row for batch in batches for row in batch.values.rows()]
            found[table.name.replace("_", "").lower()] = sorted(values)
    return found


@pytest.fixture(scope="module")
def servers(production, staging, lasting_database, chinook):
    return (
        lasting_database(production, "two", template=chinook),
        lasting_database(staging, "two"),
    )


@pytest.fixture(scope="module")
def files(tmp_path_factory):
    source = SAMPLES / "chinook" / "chinook.sqlite"
    return f"sqlite:///{source}", f"sqlite:///{tmp_path_factory.mktemp('two')}/staging.db"


SOON = {"where text", "sample of a composite key", "sample where", "newest with ties", "stratify",
        "two roots", "children", "an edge off", "unrelated", "budget", "cover"}  # fmt: skip


@pytest.mark.parametrize(
    "subset",
    [
        pytest.param(text, id=id, marks=[] if id in SOON else pytest.mark.long)
        for id, text in SUBSETS.items()
    ],
)
def test_the_same_rows_are_kept(subset, servers, files):
    on_server = kept(HEAD + subset, *servers)
    in_file = kept(HEAD + of_sqlite(subset), *files)
    assert set(on_server) == set(in_file)
    assert {table: len(rows) for table, rows in on_server.items()} == {
        table: len(rows) for table, rows in in_file.items()
    }
    assert on_server == in_file
    assert 0 < sum(map(len, in_file.values())) < 15_600
