"""The data plane beside the raw text pipe `COPY TO | COPY FROM`, as ratios of one run.

One table of 12 columns, 8 of them masked, moves between two embedded PostgreSQL servers. The raw
pipe is two `psql` processes joined by a pipe. Pairs (raw, masker) are interleaved, so that a noisy
machine disturbs both; the median of the pairs' ratios is what counts. Target tables are logged and
have no index on either side; evidence and fingerprints are taken.

    python benchmarks/refresh.py                 10^5 and 10^6 rows
    python benchmarks/refresh.py --big           10^7 rows too, for memory
    python benchmarks/refresh.py --workers 2     N lanes against N pipes
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

from masker.catalog import TableName
from masker.demo.servers import EmbeddedServer
from masker.engines.postgres.address import Address
from masker.engines.postgres.inlet import PostgresWriter
from masker.engines.postgres.read import copy_sql, parts
from masker.evidence import RunKey
from masker.extract import ranges
from masker.keys import Keyring
from masker.pipelines.planning import planned
from masker.rules.pipeline import parse_pipeline
from masker.runners.lane import Journey
from masker.runners.local import run_here, run_workers

LOGGED = {"fsync": "off", "max_wal_size": "8GB", "shared_buffers": "512MB"}
COLUMNS = ("id", "status", "amount", "created", "first_name", "last_name", "email", "phone",
           "street", "city", "card", "born")  # fmt: skip
SCHEMA = """
create table people (
  id bigint not null, status text, amount numeric(12,2), created timestamptz,
  first_name text, last_name text, email text, phone text,
  street text, city text, card text, born date)
"""
FILL = """
insert into people
select i, (array['new','paid','shipped','done'])[1 + i % 4], (i % 100000) / 7.0,
  timestamptz '2020-01-01 00:00:00+00' + i * interval '37 seconds',
  f, l, lower(f) || '.' || lower(l) || i || '@mail' || (i % 50) || '.com',
  '+49 30 ' || lpad((i * 7919 % 10000000)::text, 7, '0'),
  (array['Hauptstr.','Gartenweg','Am Bach','Ringstr.'])[1 + i % 4] || ' ' || (i % 300),
  (array['Berlin','Hamburg','Bremen','Dresden','Kassel','Bonn'])[1 + i % 6],
  '4' || lpad((i * 104729 % 1000000000000000)::text, 15, '0'),
  date '1950-01-01' + (i * 31 % 20000)::int
from (
  select i,
    (array['Anna','Peter','Julia','Hans','Maria','Karl','Eva','Paul','Lena','Max'])[1 + i % 10] f,
    (array['Schmidt','Meyer','Weber','Wagner','Becker','Schulz','Koch'])[1 + i % 7]
      || chr(97 + (i / 70 % 26)::int) l
  from generate_series(1, {rows}::bigint) i) names
"""
POLICY = """
version: 1
name: benchmark
source: {url: "${SOURCE}"}
target: {url: "${TARGET}"}
columns:
  people:
    id: keep
    status: keep
    amount: keep
    created: keep
    first_name: first_name
    last_name: last_name
    email: email
    phone: phone
    street: street
    city: city
    card: card
    born: {use: shift_date, with: {within: 1y}}
"""


def sample_memory(stop: threading.Event, peak: list[int]) -> None:
    """Keep the largest sum of proportional set sizes of this process and its children."""
    import psutil  # noqa: PLC0415 - comes with the embedded servers

    me = psutil.Process()
    last = False
    while not last:
        last = stop.wait(1)
        total = 0
        for process in [me, *me.children(recursive=True)]:
            try:
                if process.name().startswith(("postgres", "psql")):
                    continue
                total += process.memory_full_info().pss
            except psutil.Error:
                continue
        peak[0] = max(peak[0], total)


class Bench:
    """Two embedded servers and one table of so many rows."""

    def __init__(self, folder: Path, rows: int) -> None:
        self.rows = rows
        self.source = EmbeddedServer.start(folder / f"source{rows}", settings=LOGGED)
        self.target = EmbeddedServer.start(folder / f"target{rows}", settings=LOGGED)
        for server in (self.source, self.target):
            server.sql("CREATE DATABASE bench TEMPLATE template0")
            server.sql(SCHEMA, database="bench")
        self.source.sql(FILL.format(rows=rows), database="bench")
        self.source.sql("vacuum analyze people", database="bench")
        self.target.sql("checkpoint")

    def empty(self) -> None:
        """Bring the target back to where every run begins."""
        self.target.sql("truncate people", database="bench")
        self.target.sql("checkpoint")

    def raw(self, pipes: int) -> float:
        """Return the seconds that so many raw pipes take over the table's block ranges."""
        self.empty()
        pages = int(
            self.source.sql(
                "copy (select pg_relation_size('people') / 8192) to stdout", database="bench"
            )
        )
        psql = str(self.source.bin / "psql")
        began = time.perf_counter()
        running = []
        for part in parts(TableName("public", "people"), pages=pages, count=pipes):
            out = subprocess.Popen(
                [psql, self.source.url("bench"), "-Xqc", copy_sql(part, COLUMNS)],
                stdout=subprocess.PIPE,
            )
            into = subprocess.Popen(
                [psql, self.target.url("bench"), "-Xqc", "copy people from stdin"],
                stdin=out.stdout,
            )
            assert out.stdout is not None
            out.stdout.close()
            running += [out, into]
        if any(process.wait() for process in running):
            sys.exit("the raw pipe failed")
        return time.perf_counter() - began

    def masker(self, workers: int) -> tuple[float, int]:
        """Return the seconds of masker's data plane, and its peak memory in bytes."""
        self.empty()
        pipeline = parse_pipeline(
            POLICY,
            file="benchmark.yaml",
            environ={"SOURCE": self.source.url("bench"), "TARGET": self.target.url("bench")},
        )
        keys = Keyring.ephemeral()
        peak, stop = [0], threading.Event()
        watcher = threading.Thread(target=sample_memory, args=(stop, peak))
        with planned(pipeline, keys=keys) as ready:
            # The benchmark's phones and cards stay in live ranges; nothing here is published.
            journey = Journey(
                plan=ready.plan,
                keys=keys.export(),
                run_key=RunKey.random().export(),
                reader=ready.source.reader(),
                writer=PostgresWriter(address=Address.parse(self.target.url("bench"))),
            )
            watcher.start()
            began = time.perf_counter()
            if workers == 1:
                evidence = run_here(journey, ranges(ready.plan, workers=1), progress=_silent)
            else:
                evidence = run_workers(
                    journey,
                    ranges(ready.plan, workers=workers),
                    workers=workers,
                    progress=_silent,
                )
            spent = time.perf_counter() - began
            stop.set()
            watcher.join()
        moved = sum(evidence.rows.values())
        if moved != self.rows:
            sys.exit(f"{moved} of {self.rows} rows arrived")
        return spent, peak[0]

    def stop(self) -> None:
        """Stop both servers."""
        self.source.stop()
        self.target.stop()


def _silent(table: TableName, rows: int, size: int) -> None:
    del table, rows, size


def measure_alone(rows: int, chosen: argparse.Namespace) -> dict[str, object]:
    """Measure one size in a process of its own: what one leaves in memory is not the next's."""
    arguments = ["--rows", rows, "--workers", chosen.workers, "--pairs", chosen.pairs, "--json"]
    ran = subprocess.run(
        [sys.executable, __file__, *map(str, arguments)], stdout=subprocess.PIPE, check=True
    )
    result: dict[str, object] = json.loads(ran.stdout)["results"][0]
    return result


def measure(rows: int, chosen: argparse.Namespace) -> dict[str, object]:
    """Run interleaved pairs and return the figures of the median pair."""
    with tempfile.TemporaryDirectory(prefix="masker-bench-") as folder:
        os.chmod(folder, 0o755)  # noqa: PTH101 - the servers may run as another user
        bench = Bench(Path(folder), rows)
        try:
            return _measured(bench, workers=chosen.workers, pairs=chosen.pairs)
        finally:
            bench.stop()


def _measured(bench: Bench, *, workers: int, pairs: int) -> dict[str, object]:
    bench.raw(workers)  # warms the caches of both servers
    rows = bench.rows
    ratios, raws, ours, peaks = [], [], [], []
    for _ in range(pairs):
        raw = bench.raw(workers)
        spent, peak = bench.masker(workers)
        raws.append(rows / raw)
        ours.append(rows / spent)
        ratios.append(raw / spent)
        peaks.append(peak)
    return {
        "rows": rows,
        "workers": workers,
        "pairs": pairs,
        "raw_rows_per_second": round(statistics.median(raws)),
        "masker_rows_per_second": round(statistics.median(ours)),
        "ratio": round(statistics.median(ratios), 3),
        "ratios": [round(ratio, 3) for ratio in ratios],
        "peak_megabytes": round(max(peaks) / 1e6),
        "peaks_megabytes": [round(peak / 1e6) for peak in peaks],
    }


def main() -> None:
    """Measure and print."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--rows", type=int, nargs="*", default=[100_000, 1_000_000])
    options.add_argument("--big", action="store_true", help="10^7 rows too")
    options.add_argument("--workers", type=int, default=1)
    options.add_argument("--pairs", type=int, default=5)
    options.add_argument("--json", action="store_true")
    chosen = options.parse_args()
    sizes = [*chosen.rows, *([10_000_000] if chosen.big else [])]
    results = []
    for rows in sizes:
        result = measure_alone(rows, chosen) if len(sizes) > 1 else measure(rows, chosen)
        results.append(result)
        if not chosen.json:
            print(
                f"{rows:>12,} rows, {chosen.workers} worker(s): raw pipe "
                f"{result['raw_rows_per_second']:>9,} rows/s, masker "
                f"{result['masker_rows_per_second']:>9,} rows/s, ratio {result['ratio']:.2f} "
                f"{result['ratios']}, peak {result['peak_megabytes']} MB",
                flush=True,
            )
    machine = {
        "cores": os.cpu_count(),
        "python": platform.python_version(),
        "machine": platform.machine(),
    }
    if chosen.json:
        print(json.dumps({"machine": machine, "results": results}, indent=2))
    else:
        print(machine)


if __name__ == "__main__":
    main()
