"""Masked columns of any text arrive in another server as they were made, beside columns kept as is."""

import polars as pl
import psycopg
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from masker.catalog import TableName
from masker.engines.postgres import copytext
from masker.engines.postgres.address import Address
from masker.engines.postgres.read import Part, read
from masker.engines.postgres.session import Session, Side

COLUMNS = ["number", "masked", "kept"]
# Everything that a PostgreSQL text can hold: any character but NUL; the difficult ones often.
TEXTS = st.none() | st.text(
    st.characters(min_codepoint=1, exclude_categories=["Cs"]) | st.sampled_from("\t\n\r\\N.\"',😀\ufeff"),
    max_size=20,
)  # fmt: skip
DIFFICULT = [
    (text, other)
    for text in ("\\N", "\\.", "\t", "\n", "\r\n", "\\", "\\n", "\ufeff", "'", '"', "😀", "", None)
    for other in ("a\\b\tc\n", None)
]


@pytest.fixture(scope="module")
def ends(production, staging, lasting_database):
    """Sessions on source and target for the road, and connections that see what is there."""
    urls = lasting_database(production, "texts"), lasting_database(staging, "texts")
    table = "CREATE TABLE public.texts (number int PRIMARY KEY, masked text, kept text)"
    for server, url in zip((production, staging), urls, strict=True):
        server.sql(table, database=url.rpartition("/")[2])
    with (
        Session.open(Address.parse(urls[0]), side=Side.SOURCE) as source,
        Session.open(Address.parse(urls[1]), side=Side.TARGET) as target,
        psycopg.connect(urls[0], autocommit=True) as fill,
        psycopg.connect(urls[1], autocommit=True) as look,
    ):
        yield source, target, fill, look


def move(source: Session, target: Session, batch_bytes: int) -> None:
    """Mask as a lane does: decode where there are escapes, give plain values to the writer."""
    part = Part(table=TableName("public", "texts"))
    with target.copy_in("COPY public.texts (number, masked, kept) FROM STDIN") as write:
        for block in read(source, part, COLUMNS, batch_bytes=batch_bytes, marked=True):
            frame = copytext.parse(block, COLUMNS, marked=True)
            values = frame["masked"]
            if copytext.has_escapes(block, frame):
                values = copytext.decode(values)
            made = pl.select(pl.format("\\N{}\t", pl.lit(values))).to_series().alias("masked")
            write(copytext.render(frame.with_columns(made), plain=["masked"]))


@example(rows=DIFFICULT, batch_bytes=1 << 16)
@example(rows=DIFFICULT, batch_bytes=1)
@example(rows=[("plain", "plain")], batch_bytes=1 << 16)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    rows=st.lists(st.tuples(TEXTS, TEXTS), min_size=1, max_size=12),
    batch_bytes=st.sampled_from([1, 64, 1 << 16]),
)
def test_any_text_arrives(ends, rows, batch_bytes):
    """Both servers say what the values are: they go in and come out as bound parameters."""
    source, target, fill, look = ends
    for connection in (fill, look):
        connection.execute("TRUNCATE public.texts")
    fill.cursor().executemany(
        "INSERT INTO public.texts VALUES (%s, %s, %s)",
        [(number, *row) for number, row in enumerate(rows)],
    )
    move(source, target, batch_bytes)
    found = look.execute("SELECT masked, kept FROM public.texts ORDER BY number").fetchall()
    assert found == [(None if masked is None else f"\\N{masked}\t", kept) for masked, kept in rows]
