"""Processor time per value of every transformer, over batches as long as those of a run.

    python benchmarks/transformers.py [NAME ...] [--rows 30000] [--json]

Each figure is the median over several batches of one column, in microseconds of processor time per
value, so that busy neighbours do not count: once for values that are nearly all different, once for
a hundred values that repeat. The last column is what one batch of 1,000 rows takes, in
milliseconds: what does not shrink with the batch. Masking eight columns of a row shall take some
two microseconds.
"""

import os

# One core: what a worker process has. Set before polars and numpy start their threads.
os.environ.setdefault("POLARS_MAX_THREADS", "1")
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import json
import platform
import statistics
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date, timedelta

import polars as pl

from masker.catalog import Kind
from masker.keys import Keyring
from masker.transformers import Site, registry

BATCHES = 7
SMALL = 1_000
REPEATING = 100  # distinct values
FIRST = ("Anna", "Peter", "Julia", "Hans", "Maria", "Karl", "Eva", "Paul", "Lena", "Max")
LAST = ("Schmidt", "Meyer", "Weber", "Wagner", "Becker", "Schulz", "Koch")
PLACES = ("Berlin", "Hamburg", "Bremen", "Dresden", "Kassel", "Bonn")
STREETS = ("Hauptstr.", "Gartenweg", "Am Bach", "Ringstr.")


@dataclass(frozen=True)
class Case:
    """One transformer on one kind of column; `value` writes the value of a number."""

    use: str
    value: Callable[[int], str]
    params: Mapping[str, object] = field(default_factory=dict)
    kind: Kind = Kind.TEXT
    base: str = "text"
    others: Mapping[str, Callable[[int], str]] = field(default_factory=dict)
    label: str = ""

    @property
    def name(self) -> str:
        """Return the transformer and what it is given."""
        given = ", ".join(f"{k} {v}" for k, v in self.params.items() if isinstance(v, str))
        told = self.label or given
        return f"{self.use} ({told})" if told else self.use


@dataclass(frozen=True)
class Figure:
    """What one transformer takes: µs per value, distinct and repeating, and ms per small batch."""

    name: str
    distinct: float
    repeating: float
    small: float


def first(n: int) -> str:
    return FIRST[n % len(FIRST)]


def last(n: int) -> str:
    return LAST[n // 26 % len(LAST)] + chr(ord("a") + n % 26)


def email(n: int) -> str:
    return f"{first(n)}.{last(n)}{n}@mail{n % 50}.com".lower()


def phone(n: int) -> str:
    return f"+49 30 {n * 7919 % 10**7:07d}"


def mixed_phone(n: int) -> str:
    serial = f"{n * 7919 % 10**7:07d}"
    forms = (
        f"(415) {serial[:3]}-{serial[3:]}",
        f"+1-212-{serial[:3]}-{serial[3:]}x12",
        f"030/{serial}",
        f"+33 6 12 {serial[:2]} {serial[2:4]} {serial[4:6]}",
        f"+44 20 {serial[:4]} {serial[3:]}",
    )
    return forms[n % len(forms)]


def card(n: int) -> str:
    return f"4{n * 104729 % 10**15:015d}"


def iban(n: int) -> str:
    return f"DE{n % 97:02d}{n * 104729 % 10**18:018d}"


def day(n: int) -> str:
    return str(date(1950, 1, 1) + timedelta(days=n * 31 % 20_000))


def moment(n: int) -> str:
    return f"{day(n)} {n % 24:02d}:{n % 60:02d}:{n % 59:02d}.{n % 10**6:06d}"


def address(n: int) -> str:
    return f"10.{n % 251}.{n // 251 % 251}.{n % 13}"


def uuid(n: int) -> str:
    return f"{n * 2654435761 % 2**32:08x}-0000-4000-8000-{n:012x}"


def document(n: int) -> str:
    return json.dumps({"name": first(n), "mail": email(n), "tags": [n, "x"]})


def note(n: int) -> str:
    return f"{first(n)} {last(n)} called about order {n} and asks to be called back."


CASES = (
    Case("first_name", first),
    Case("last_name", last),
    Case("full_name", lambda n: f"{first(n)} {last(n)}"),
    Case("email", email),
    Case("phone", phone),
    Case("phone", mixed_phone, label="mixed shapes"),
    Case("phone", phone, {"range": "format"}),
    Case("company", lambda n: f"{last(n)} & {first(n)} GmbH"),
    Case("street", lambda n: f"{STREETS[n % 4]} {n % 300}"),
    Case("city", lambda n: PLACES[n % 6]),
    Case("postcode", lambda n: f"{n % 99_999:05d}"),
    Case("digits", phone),
    Case("alphanumeric", lambda n: f"AB{n * 7919 % 10**7:07d}x"),
    Case("integer", lambda n: str(n + 1), kind=Kind.INTEGER, base="int8"),
    Case("card", card),
    Case("card", card, {"range": "format"}),
    Case("iban", iban),
    Case("iban", iban, {"range": "format"}),
    Case(
        "national_id", lambda n: f"{n % 899:03d}-{n % 99:02d}-{n % 9999:04d}", {"number": "us_ssn"}
    ),
    Case("ip", address),
    Case("uuid", uuid, kind=Kind.UUID, base="uuid"),
    Case("shift_date", day, {"within": "1y"}, Kind.DATE, "date"),
    Case("shift_date", moment, {"within": "30d"}, Kind.TIMESTAMP, "timestamp"),
    Case("shift_date", day, {"per": "owner"}, Kind.DATE, "date", {"owner": lambda n: str(n // 3)}),
    Case("scramble", note),
    Case("token", email),
    Case("username", lambda n: f"{first(n)[0]}{last(n)}{n % 90}".lower()),
    Case("fake_text", note),
    Case(
        "json",
        document,
        {"paths": {"$.name": "first_name", "$.mail": "email"}},
        kind=Kind.JSON,
        base="jsonb",
    ),
)


def column(value: Callable[[int], str], numbers: range) -> pl.Series:
    return pl.Series("c", [value(number) for number in numbers], dtype=pl.String)


def batches(case: Case, rows: int, count: int) -> Iterator[tuple[pl.Series, dict[str, pl.Series]]]:
    """Yield columns of different numbers, each with its other columns."""
    for start in range(0, rows * count, rows):
        numbers = range(start, start + rows)
        others = {name: column(value, numbers) for name, value in case.others.items()}
        yield column(case.value, numbers), others


def seconds(case: Case, columns: list[tuple[pl.Series, dict[str, pl.Series]]]) -> float:
    """Return the median seconds of processor time per column."""
    transformer = registry.build(case.use, case.params)
    site = Site(table="t", column="c", kind=case.kind, base=case.base, locale="de_DE")
    keys = Keyring.ephemeral()
    taken = []
    for values, others in (columns[0], *columns):  # pools, subkeys and tables are warm in a worker
        start = time.process_time()
        transformer.apply(values, site=site, keys=keys, others=others)
        taken.append(time.process_time() - start)
    return statistics.median(taken[1:])


def figure(case: Case, rows: int) -> Figure:
    distinct = list(batches(case, rows, BATCHES))
    small = list(batches(case, SMALL, BATCHES))
    few, others = distinct[0]
    places = pl.Series(range(rows)).shuffle(seed=1) % REPEATING
    repeated = (few.gather(places), {name: other.gather(places) for name, other in others.items()})
    return Figure(
        case.name,
        seconds(case, distinct) / rows * 1e6,
        seconds(case, [repeated] * BATCHES) / rows * 1e6,
        seconds(case, small) * 1e3,
    )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("names", nargs="*", help="transformers to measure; all without any")
    parser.add_argument("--rows", type=int, default=30_000)
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    options = parser.parse_args()
    wanted = [case for case in CASES if not options.names or case.use in options.names]
    found = [figure(case, options.rows) for case in wanted]
    machine = f"{platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}"
    if options.json:
        report = {"machine": machine, "rows": options.rows, "figures": [asdict(f) for f in found]}
        print(json.dumps(report))
        return
    print(f"{options.rows:,} rows a batch, one core ({machine}), processor time")
    print(f"{'':34}{'µs, distinct':>14}{'µs, repeating':>15}{f'ms, {SMALL:,} rows':>16}")
    for one in found:
        print(f"{one.name:34}{one.distinct:14.3f}{one.repeating:15.3f}{one.small:16.2f}")


if __name__ == "__main__":
    main()
