"""Sample databases that went the whole road, and SQL that looks at both sides of it."""

import math
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg
from psycopg import sql

from masker.pipelines import run as road
from masker.pipelines.record import Run

POLICIES = Path(__file__).parent / "policies"
KEY = "8a6c8bd1f9f0c1b3f7f1d05e20bd4b1a33a0db9cc0a2e1a2f4f8a9d7c6b5a493"
OTHER_KEY = "5b0de3c1a7746f0e9ad2c58be1376cf4482d90b76eaf13c5d09b8847f26ce31a"
BY_CHANCE = 1e-9  # what chance gives less often than this is no chance


@dataclass(frozen=True, kw_only=True)
class Refreshed:
    """A sample, the target that holds its masked copy, and the run that made it."""

    name: str
    source: str
    target: str
    run: Run

    @contextmanager
    def both(self, **carried: str) -> Iterator[psycopg.Connection]:
        """Open a session on the target; each name becomes a temporary table of a source query."""
        with (
            psycopg.connect(self.source, autocommit=True) as source,
            psycopg.connect(self.target, autocommit=True) as target,
        ):
            for name, query in carried.items():
                carry(source, target, name, query)
            yield target


def carry(source: psycopg.Connection, target: psycopg.Connection, name: str, query: str) -> None:
    """Make a temporary table on the target of what a query gives on the source, all as text."""
    found = source.execute(f"SELECT * FROM ({query}) q LIMIT 0")
    columns = sql.SQL(", ").join(
        sql.SQL("{} text").format(sql.Identifier(column.name)) for column in found.description
    )
    target.execute(sql.SQL("CREATE TEMP TABLE {} ({})").format(sql.Identifier(name), columns))
    into = sql.SQL("COPY {} FROM STDIN").format(sql.Identifier(name))
    with (
        source.cursor().copy(f"COPY ({query}) TO STDOUT") as rows,
        target.cursor().copy(into) as write,
    ):
        for row in rows:
            write.write(row)
    target.execute(sql.SQL("ANALYZE {}").format(sql.Identifier(name)))


def one(session: psycopg.Connection, query: str) -> object:
    """Return the single value of a query."""
    ((value,),) = session.execute(query).fetchall()
    return value


def cells(session: psycopg.Connection) -> str:
    """Return a query for every distinct text of a database: its place, and `v`.

    Columns of texts, JSON, arrays, addresses and lexemes, in tables and materialised views.
    """
    columns = session.execute(
        """SELECT n.nspname, c.relname, a.attname
             FROM pg_attribute a JOIN pg_class c ON c.oid = a.attrelid
             JOIN pg_namespace n ON n.oid = c.relnamespace
             JOIN pg_type t ON t.oid = a.atttypid LEFT JOIN pg_type b ON b.oid = t.typbasetype
            WHERE c.relkind IN ('r', 'm') AND c.relispopulated AND a.attnum > 0
              AND NOT a.attisdropped
              AND n.nspname NOT IN ('pg_catalog', 'information_schema') AND n.nspname !~ '^pg_'
              AND coalesce(b.typcategory, t.typcategory) IN ('S', 'A', 'I', 'U')
            ORDER BY 1, 2, a.attnum"""
    ).fetchall()
    return " UNION ".join(
        f"""SELECT '{schema}.{table}.{column}' AS place, "{column}"::text AS v
              FROM ONLY "{schema}"."{table}" WHERE "{column}" IS NOT NULL"""
        for schema, table, column in columns
    )


def dump_schema(folder: Path, url: str) -> list[str]:
    """Return `pg_dump -s --no-owner --no-privileges` without `\\restrict` lines and comments."""
    done = subprocess.run(
        [str(folder / "pg_dump"), "-s", "--no-owner", "--no-privileges", "-d", url],
        capture_output=True,
        text=True,
        check=True,
    )
    return [
        line
        for line in done.stdout.splitlines()
        if line and not line.startswith(("--", "\\restrict", "\\unrestrict"))
    ]


def digests(url: str) -> dict[str, str]:
    """Return a digest of the rows of every table, whatever their order."""
    with psycopg.connect(url, autocommit=True) as session:
        tables = session.execute(
            """SELECT format('%I.%I', n.nspname, c.relname)
                 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
                WHERE c.relkind = 'r' AND n.nspname !~ '^(pg_|information_schema)'"""
        ).fetchall()
        return {
            table: str(
                one(
                    session,
                    "SELECT count(*) || ' ' || coalesce(md5(string_agg(row, '' ORDER BY row)), '') "
                    f"FROM (SELECT md5(t::text) AS row FROM ONLY {table} t) r",
                )
            )
            for (table,) in tables
        }


def tail(seen: int, mean: float) -> float:
    """Return the chance of `seen` or more where `mean` are expected (Poisson)."""
    return 1 - sum(
        math.exp(-mean + k * math.log(mean) - math.lgamma(k + 1)) if mean else float(k == 0)
        for k in range(seen)
    )


def refresh(
    policy: Path | str,
    *,
    source: str,
    target: str,
    records: Path,
    key: str = KEY,
    workers: int | None = None,
    variables: Mapping[str, str] | None = None,
) -> Run:
    """Run a policy of this folder, or a file, from one URL to another."""
    path = policy if isinstance(policy, Path) else POLICIES / f"{policy}.yaml"
    names = variables or {"SOURCE_URL": source, "TARGET_URL": target}
    return road.run(path, records=records, workers=workers, environ={**names, "MASKER_KEY": key})
