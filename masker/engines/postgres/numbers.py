"""Rows by number: a row's place (ctid) as one integer, and how such numbers reach the server.

A row version that a snapshot sees keeps its place while the snapshot lives: nobody may vacuum it
away, and rewriting the table (VACUUM FULL, CLUSTER) needs a lock that waits for whoever has read
of the table in the same transaction.

Numbers travel as the value of a session setting, a bind parameter of `set_config`: COPY takes no
parameters but reads settings, in a read-only transaction and on a standby too. No statement's
text ever holds one, and nothing is created in the source.
"""

from __future__ import annotations

from collections.abc import Iterator

import polars as pl

from masker.engines.postgres.session import Session
from masker.engines.rows import Ids

SETTING = "masker.rows"
GIVEN = f"current_setting('{SETTING}')::tid[]"
MOST = 1 << 18  # numbers given at a time: some five megabytes of text
_BITS = 16  # of a row's place within its block; the block's number stands above


def give(session: Session, ids: Ids, *settings: tuple[str, str]) -> None:
    """Tell the server which rows are meant by `GIVEN`, and set other settings with it."""
    every = [(SETTING, tids(ids)), *settings]
    # The length, for the setting itself would travel all the way back.
    calls = ", ".join("length(pg_catalog.set_config(%s, %s, false))" for _ in every)
    session.query(f"SELECT {calls}", [part for pair in every for part in pair])


def tids(ids: Ids) -> str:
    """Return numbers as an array of places in text form."""
    places = pl.DataFrame({"block": ids >> _BITS, "row": ids & ((1 << _BITS) - 1)})
    written = places.select_seq(pl.format('"({},{})"', "block", "row").str.join(","))
    return "{" + (written.item() or "") + "}"


def numbers(places: pl.Series) -> Ids:
    """Return places as the server writes them, `(block,row)`, as numbers."""
    parts = places.str.strip_chars("()").str.split_exact(",", 1).struct.unnest().cast(pl.Int64)
    block, row = parts.to_series(0).to_numpy(), parts.to_series(1).to_numpy()
    found: Ids = (block << _BITS) | row
    return found


def chunks(ids: Ids, most: int = MOST) -> Iterator[Ids]:
    """Cut numbers into parts that are given at once."""
    for start in range(0, len(ids), most):
        yield ids[start : start + most]


def array(values: pl.Series) -> str:
    """Return text values as an array in text form, each quoted."""
    quoted = values.str.replace_all("\\", "\\\\", literal=True)
    quoted = quoted.str.replace_all('"', '\\"', literal=True)
    joined = quoted.to_frame("v").select_seq(pl.format('"{}"', "v").str.join(","))
    return "{" + (joined.item() or "") + "}"
