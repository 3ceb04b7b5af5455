"""A table masked where it lies: rows per second, and how peak memory grows with the table.

Each size of each engine runs in a process of its own, so that its peak is its own. The table has an
integer key, a unique e-mail address, a name and two kept columns, and another table refers to it,
row for row; both are counted. The server's own memory and the disk that it needs are not.
"""

from __future__ import annotations

import argparse
import json
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

import masker
from masker.demo.servers import EmbeddedServer

SIZES = (100_000, 1_000_000)
WAYS = ("postgres", "postgres-without-ddl", "sqlite")
KEY = "b7f0a1c93e5d48260f8e7d6c5b4a39281706f5e4d3c2b1a09f8e7d6c5b4a3928"
RULES = {
    "people": {"id": "integer", "email": "email", "name": "full_name", "city": "keep", "n": "keep"}
}
TABLES = (
    "CREATE TABLE people (id integer PRIMARY KEY, email text UNIQUE, name text, city text, n int)",
    "CREATE TABLE pets (id integer PRIMARY KEY, owner integer REFERENCES people (id))",
    "CREATE INDEX pets_owner ON pets (owner)",
)
FILL = (
    "INSERT INTO people SELECT n, 'anna.kranz' || n || '@web.de', 'Anna Kranz', 'Bonn', n FROM s",
    "INSERT INTO pets SELECT n, n FROM s",
)


@contextmanager
def filled(way: str, rows: int) -> Iterator[sa.Engine]:
    """Make a database with so many rows."""
    series = f"WITH RECURSIVE s (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM s WHERE n < {rows}) "
    with tempfile.TemporaryDirectory() as folder:
        if way == "sqlite":
            engine = sa.create_engine(f"sqlite:///{folder}/people.db")
            yield from _filled(engine, series)
        else:
            with EmbeddedServer.start() as server:
                server.sql("CREATE DATABASE people TEMPLATE template0")
                url = server.url("people").replace("postgresql://", "postgresql+psycopg://")
                yield from _filled(sa.create_engine(url), series)


def _filled(engine: sa.Engine, series: str) -> Iterator[sa.Engine]:
    with engine.begin() as connection:
        for statement in TABLES:
            connection.exec_driver_sql(statement)
        for statement in FILL:
            into, _, rest = statement.partition(" SELECT ")
            connection.exec_driver_sql(f"{into} {series} SELECT {rest}")
    yield engine
    engine.dispose()


def measure(way: str, rows: int) -> dict[str, float]:
    """Mask one table and return seconds, and the peak memory of this process in MiB."""
    with filled(way, rows) as engine:
        began = time.perf_counter()
        with engine.begin() as connection:
            made = masker.Masker.from_rules(RULES, key=KEY)
            done = made.mask_table(connection, "people", ddl=way != "postgres-without-ddl")
        seconds = time.perf_counter() - began
    changed = done.rows + sum(done.followed.values())
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return {"rows": changed, "seconds": seconds, "peak": peak}


def main() -> None:
    """Print a line per way and size."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, nargs="*", default=SIZES)
    parser.add_argument("--ways", nargs="*", choices=WAYS, default=WAYS)
    parser.add_argument("--one", nargs=2, metavar=("WAY", "ROWS"))
    asked = parser.parse_args()
    if asked.one:
        print(json.dumps(measure(asked.one[0], int(asked.one[1]))))
        return
    for way in asked.ways:
        peaks = []
        for rows in asked.rows:
            command = [sys.executable, str(Path(__file__)), "--one", way, str(rows)]
            found = json.loads(subprocess.run(command, capture_output=True, check=True).stdout)
            peaks.append(found["peak"])
            print(
                f"{way:22} {rows:>10,} rows  {found['rows'] / found['seconds']:>9,.0f} rows/s  "
                f"peak {found['peak']:>5.0f} MiB  x{peaks[-1] / peaks[0]:.2f}"
            )


if __name__ == "__main__":
    main()
