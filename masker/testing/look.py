"""Look for personal data in the texts of a database; say where, never what."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from functools import cache
from types import MappingProxyType
from typing import Any

import polars as pl

from masker.catalog import Column, Kind, Table
from masker.detect.detector import Detector, Found
from masker.detect.entities import Entity
from masker.detect.values import Judgement, judge_values
from masker.engines.in_place import InPlace
from masker.engines.lent import looking_at
from masker.errors import ConfigError
from masker.findings import Finding, Findings, error, note
from masker.rules.patterns import table_fit
from masker.transformers.person.known import known_words
from masker.transformers.reserved import (
    is_example_email,
    is_fictional_phone,
    is_test_card,
    is_test_iban,
    is_test_number,
)

# What says by its form or checksum that somebody is named, and whose fakes can be told from it.
# A made-up name or street looks like a real one.
ENTITIES = frozenset(
    {
        Entity.EMAIL_ADDRESS,
        Entity.PHONE_NUMBER,
        Entity.CREDIT_CARD,
        Entity.IBAN_CODE,
        Entity.NATIONAL_ID,
        Entity.TAX_ID,
    }
)
ROWS = 100_000  # of a table that are looked at, from the first on
VALUES = 5_000  # distinct values of a column that go to the detectors
_LONGEST = 2_000  # characters of a value that are looked at
# Nothing but one address, and nothing but one number or code.
_ADDRESS = r"^\s*[^@\s]+@[^@\s]+\s*$"
_NUMBER = r"^\s*[A-Za-z]{0,3}[0-9+(][0-9A-Za-z+()/. -]{0,60}$"
_KINDS = frozenset({Kind.TEXT, Kind.JSON, Kind.XML, Kind.ARRAY})
_BY_WORDS = frozenset(
    {Entity.PERSON, Entity.FIRST_NAME, Entity.LAST_NAME, Entity.CITY, Entity.ORGANIZATION}
)
# Of these one is enough; titles and codes look like one of the others now and then.
_SURE = frozenset({Entity.EMAIL_ADDRESS, Entity.CREDIT_CARD, Entity.IBAN_CODE})
_OFTEN = 0.05  # share of the values looked at that is no coincidence
_NOBODYS: Mapping[str, Callable[[pl.Series], pl.Series]] = MappingProxyType(
    {
        Entity.EMAIL_ADDRESS: is_example_email,
        Entity.PHONE_NUMBER: is_fictional_phone,
        Entity.CREDIT_CARD: is_test_card,
        Entity.IBAN_CODE: is_test_iban,
        Entity.NATIONAL_ID: is_test_number,
        Entity.TAX_ID: is_test_number,
    }
)


def find_personal_data(
    database: Any,
    *,
    tables: Collection[str] | None = None,
    countries: Sequence[str] = (),
    entities: Collection[str] = ENTITIES,
    allow: Sequence[str] = (),
    rows: int = ROWS,
    values: int = VALUES,
) -> Findings:
    """Return a finding for each text column that holds, or may hold, what names somebody.

    `database` is a URL, an Engine or a Connection of SQLAlchemy, or a connection of psycopg,
    psycopg2 or sqlite3: through a connection of yours what is not committed yet is seen, too.
    `tables` are names or globs, None: all. `countries` (ISO 3166) enable national numbers.
    `entities` says what is looked for: e-mail addresses, phone, card, account and national numbers
    unless told otherwise. What nobody has is never found: domains for examples, numbers reserved
    for fiction and tests, banks that do not exist; nor what matches one of the regular expressions
    in `allow`. The first `rows` rows of a table are looked at, and of each column the first
    `values` distinct values that may be somebody's: a note says where there are more
    (`not-all-looked-at`), and where no table is (`nothing-looked-at`). A value that a detector gave
    up on is a finding, too (`not-scanned`): nobody knows that it is clean. No finding holds a
    value. ConfigError: a file of SQLite is not there, and none is created.
    """
    wanted = frozenset(map(_entity, entities))
    allowed = [_pattern(each) for each in allow]
    detector = _detector(
        tuple(country.upper() for country in countries), names=bool(wanted & _BY_WORDS)
    )
    with looking_at(database) as place:
        there = [
            table
            for table in place.catalog().tables
            if table.holds_rows and table.extension is None
        ]
        found = list(_not_there(place, there, tables))
        for table in there:
            if _is_asked(table, tables):
                found += _look(place, table, detector, wanted, allowed, rows=rows, values=values)
    return Findings(tuple(found))


def _not_there(
    place: InPlace, there: Sequence[Table], tables: Collection[str] | None
) -> Iterator[Finding]:
    """Yield a note for a database without tables, and for each name in `tables` that none has."""
    if not there:
        yield note(
            "nothing-looked-at",
            f"`{place.database}` has no table, so nothing was looked at",
            subject=place.database,
            help="is it the database that the test fills, and are its tables made by now?",
        )
        return
    for key in tables or ():
        if not any(_is_asked(table, [key]) for table in there):
            yield note(
                "nothing-looked-at",
                f"`{place.database}` has no table `{key}`, so nothing was looked at there",
                subject=key,
                help="check how it is spelled in `tables`",
            )


def _look(
    place: InPlace,
    table: Table,
    detector: Detector,
    wanted: frozenset[Entity],
    allowed: Sequence[str],
    *,
    rows: int,
    values: int,
) -> Iterator[Finding]:
    columns = [column for column in table.columns if column.type.kind in _KINDS]
    if not columns:
        return
    held, more = _distinct(place, table, columns, allowed, rows=rows, values=values)
    if more:
        yield note(
            "not-all-looked-at",
            f"of `{table.name}` the first {rows:,} rows were looked at",
            subject=str(table.name),
            help="pass a larger `rows=` to look at more",
        )
    for column in columns:
        subject = f"{table.name}.{column.name}"
        if held[column.name].cut:
            yield note(
                "not-all-looked-at",
                f"of `{subject}` the first {values:,} distinct values were looked at",
                subject=subject,
                help="pass a larger `values=` to look at more",
            )
        texts = held[column.name].looked_at()
        if texts.is_empty():
            continue
        found = _of_somebody(detector.find(texts), texts, wanted, allowed)
        judged = [each for each in judge_values(texts, found) if _tells(each, len(texts))]
        if judged:
            what = ", ".join(f"{each.entity} in {each.hits:,}" for each in judged)
            yield error(
                "personal-data",
                f"`{subject}` holds {what} of {len(texts):,} distinct values that were looked at",
                subject=subject,
                help="fill the test's database with made-up or masked values",
            )
        unfinished = found.failed["value_index"].n_unique()
        if unfinished:
            yield error(
                "not-scanned",
                f"`{subject}` may hold personal data: {unfinished:,} of {len(texts):,} distinct "
                "values took too long to look at, or are no text",
                subject=subject,
                help="look at them by hand; then leave the table out by `tables`",
            )


@dataclass(slots=True)
class _Held:
    """Distinct values of a column in the table's order: of somebody perhaps, and of nobody."""

    most: int
    somebodys: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    nobodys: pl.Series = field(default_factory=lambda: pl.Series(dtype=pl.String))
    cut: bool = False

    def add(self, values: pl.Series, allowed: Sequence[str]) -> None:
        known = pl.concat([self.somebodys, self.nobodys]).implode()
        new = values.drop_nulls().str.head(_LONGEST).unique(maintain_order=True)
        new = new.filter(~new.is_in(known))
        of_nobody = _is_nobodys(new, allowed)
        somebodys = self.somebodys.append(new.filter(~of_nobody))
        self.cut |= len(somebodys) > self.most
        self.somebodys = somebodys.head(self.most)
        self.nobodys = self.nobodys.append(new.filter(of_nobody)).head(self.most)

    def looked_at(self) -> pl.Series:
        """Return what goes to the detectors: what is nobody's takes no place of what may not be."""
        return pl.concat([self.somebodys, self.nobodys]).head(self.most).sort()


def _distinct(
    place: InPlace,
    table: Table,
    columns: Sequence[Column],
    allowed: Sequence[str],
    *,
    rows: int,
    values: int,
) -> tuple[dict[str, _Held], bool]:
    """Return the distinct values by column, and whether the table has more rows than these."""
    held = {column.name: _Held(most=values) for column in columns}
    read = 0
    with closing(place.read(table, columns, where=None)) as frames:
        for frame in frames:
            for name, each in held.items():
                each.add(frame[name].head(rows - read), allowed)
            read += frame.height
            if read > rows:
                break
    return held, read > rows


def _is_nobodys(values: pl.Series, allowed: Sequence[str]) -> pl.Series:
    """Tell which values are, as a whole, an address or a number of nobody."""
    address = [is_example_email(values), *(values.str.contains(each) for each in allowed)]
    numbers = values.filter(values.str.contains(_NUMBER))
    tests = {tells for entity, tells in _NOBODYS.items() if entity != Entity.EMAIL_ADDRESS}
    nobodys = numbers.filter(
        pl.select(pl.any_horizontal(tells(numbers) for tells in tests)).to_series()
    )
    of_nobody = pl.any_horizontal(address) & values.str.contains(_ADDRESS)
    return pl.select(of_nobody | values.is_in(nobodys.implode())).to_series()


def _of_somebody(
    found: Found, values: pl.Series, wanted: frozenset[Entity], allowed: Sequence[str]
) -> Found:
    """Return what was found without what is not asked for, is nobody's, or is allowed."""
    frame = found.frame
    pieces = frame.select("start", width=pl.col("end") - pl.col("start")).with_columns(
        text=values.gather(frame["value_index"])
    )
    spans = pieces.select(pl.col("text").str.slice("start", "width")).to_series()
    nobodys = [(frame["entity"] == entity) & tells(spans) for entity, tells in _NOBODYS.items()] + [
        spans.str.contains(pattern) for pattern in allowed
    ]
    of_nobody = pl.select(pl.any_horizontal(nobodys)).to_series()
    # What stands inside such a value is nobody's either: digits of an account look like a card's.
    around = frame.filter(of_nobody).select("value_index", low="start", high="end")
    inside = (
        frame.with_row_index("row")
        .join(around, on="value_index")
        .filter(pl.col("low") <= pl.col("start"), pl.col("end") <= pl.col("high"))
    )
    asked = pl.col("entity").is_in(list(wanted)) & ~pl.col("row").is_in(inside["row"].implode())
    kept = frame.with_row_index("row").filter(asked).drop("row")
    return Found(frame=kept, failed=found.failed)


def _tells(judged: Judgement, looked_at: int) -> bool:
    return judged.entity in _SURE or judged.hits >= _OFTEN * looked_at


def _is_asked(table: Table, tables: Collection[str] | None) -> bool:
    return tables is None or any(table_fit(key, table.name) is not None for key in tables)


def _entity(written: str) -> Entity:
    try:
        return Entity(written)
    except ValueError:
        raise ConfigError(
            f"`{written}` is no entity that masker knows",
            help="such as `EMAIL_ADDRESS` or `PERSON`; docs/detection.md names them",
            code="unknown-entity",
            subject=written,
        ) from None


def _pattern(written: str) -> str:
    try:
        pl.Series([""]).str.contains(written)
    except pl.exceptions.PolarsError:
        raise ConfigError(
            "a pattern in `allow` is no regular expression",
            help=r"such as `@sink\.acme\.com$`",
            code="bad-pattern",
            subject=written,
        ) from None
    return written


@cache
def _detector(countries: tuple[str, ...], *, names: bool) -> Detector:
    """Return a detector, once per session of tests: its recognizers take two seconds to load."""
    return Detector(countries=countries, dictionaries=known_words() if names else None)
