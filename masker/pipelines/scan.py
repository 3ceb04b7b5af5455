"""`scan`: find personal data in a source by names, keys and a random sample of its values."""

from __future__ import annotations

import re
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol

from masker.catalog import Catalog, Column, Kind, Table, TableName
from masker.detect.context import ABOUT
from masker.detect.detector import Detector
from masker.detect.names import STRONG, Proposal, propose, split
from masker.detect.weigh import Looked, weigh, with_births
from masker.detect.words import DOCUMENTS, NUMBERS
from masker.engines.registry import engine_of
from masker.errors import ConfigError
from masker.findings import Finding, Findings, note
from masker.pipelines.eyes import Eyes
from masker.rules.proposed import Proposed, proposed
from masker.survey import ROWS, SECONDS, Sampler, power
from masker.transformers.person.known import known_words

Place = tuple[TableName, str]
_READ = DOCUMENTS - {Kind.BYTES} | {Kind.TEXT, Kind.ARRAY} | NUMBERS
_LINKS = frozenset({"id", "uuid", "guid"})
_LABELS = ABOUT - {
    "id",
    "ids",
    "key",
    "keys",
    "code",
    "codes",
    "model",
    "domain",
}  # can be anything


class ScanWatch(Protocol):
    """Told which table is next; whatever it raises ends the scan."""

    def began(self, tables: int) -> None:
        """Hear how many tables will be looked at."""
        ...

    def looked(self, table: TableName) -> None:
        """Hear that a table was looked at."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScannedColumn:
    """What a scan says of one column. No value is in it."""

    table: Table
    column: Column
    proposal: Proposal | None
    looked: Looked
    proposed: Proposed

    @property
    def found(self) -> Proposal | None:
        """Return what it surely enough holds."""
        strong = self.proposal is not None and self.proposal.score >= STRONG
        return self.proposal if strong else None

    def as_json(self) -> dict[str, object]:
        """Return the column as a JSON object."""
        found, perhaps = self.found, self.proposal
        return {
            "table": str(self.table.name),
            "column": self.column.name,
            "type": self.column.type.name,
            "entity": found.entity if found else None,
            "finding": "none" if found is None else "contains" if found.contains else "is",
            "score": perhaps.score if perhaps else 0.0,
            "perhaps": perhaps.entity if perhaps and not found else None,
            "evidence": list(perhaps.signs) if perhaps else [],
            "reasons": list(perhaps.evidence) if perhaps else [],
            "sampled_rows": self.looked.rows,
            "distinct_values": self.looked.distinct,
            "detection_power": round(self.looked.power, 4),
            "verdict": self.proposed.written,
            "why": self.proposed.why,
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class Scan:
    """All columns of a source in catalog order, what could not be looked at, and the catalog."""

    catalog: Catalog
    columns: tuple[ScannedColumn, ...]
    findings: Findings
    rows: int
    seconds: float
    closed: Mapping[Place, str]
    seen: Mapping[Place, str]

    @property
    def proposals(self) -> tuple[Proposal, ...]:
        """Return what columns hold, from names and values together."""
        return tuple(each.proposal for each in self.columns if each.proposal is not None)

    def as_json(self) -> dict[str, object]:
        """Return the scan as a JSON object, with one object per column."""
        return {
            "database": self.catalog.database,
            "rows_per_table": self.rows,
            "detection_power": round(power(self.rows), 4),
            "seconds": round(self.seconds, 1),
            "columns": [column.as_json() for column in self.columns],
            "findings": [finding.as_json() for finding in self.findings],
        }


def scan(
    url: str,
    *,
    schemas: Sequence[str] = (),
    countries: Sequence[str] = (),
    rows: int = ROWS,
    seconds: float = SECONDS,
    watch: ScanWatch | None = None,
) -> Scan:
    """Look at a source in one read-only snapshot and return what each column holds.

    Of each table about `rows` random rows are read, in at most `seconds` a statement. What cannot
    be read is a finding; the rest is looked at.
    """
    began = time.monotonic()
    nations = tuple(map(_country, countries))
    engine = engine_of(url)
    with engine.open_source(engine.address(url)) as source:
        catalog = source.catalog(schemas=schemas or None)
        sampler = Sampler(source, catalog, rows=rows, seconds=seconds)
        eyes = Eyes(Detector(countries=nations, dictionaries=known_words()))
        tables = [table for table in catalog.tables if not table.is_partition]
        if watch is not None:
            watch.began(len(tables))
        looked: dict[Place, Looked] = {}
        found: list[Finding] = []
        for table in tables:
            if table.extension is None:
                sample = sampler.of(table, kinds=_READ)
                found += sample.findings
                looked.update(eyes.look(table, sample))
            if watch is not None:
                watch.looked(table.name)
    found += [_unfinished(place, each) for place, each in looked.items() if each.failed]
    proposals = list(_weighed(catalog, looked))
    closed = {
        place: why for place, each in looked.items() if (why := _closed(place[1], each)) is not None
    }
    seen = {place: _seen(each) for place, each in looked.items() if each.rows}
    verdicts = proposed(catalog, countries=nations, proposals=proposals, closed=closed, seen=seen)
    known = {(each.table, each.column): each for each in proposals}
    return Scan(
        catalog=catalog,
        columns=tuple(
            ScannedColumn(
                table=table,
                column=column,
                proposal=known.get((table.name, column.name)),
                looked=looked.get((table.name, column.name), Looked()),
                proposed=verdicts[table.name, column.name],
            )
            for table in tables
            if table.extension is None
            for column in table.columns
        ),
        findings=Findings(tuple(found)),
        rows=rows,
        seconds=time.monotonic() - began,
        closed=closed,
        seen=seen,
    )


def _country(written: str) -> str:
    """Return a country as ISO 3166-1 spells it; ConfigError if it cannot be one."""
    if not re.fullmatch(r"[A-Za-z]{2}", written):
        raise ConfigError(
            f"`{written}` is not a country of two letters",
            help="such as `DE` (ISO 3166)",
            code="bad-country",
            subject=written,
        )
    return written.upper()


def _weighed(catalog: Catalog, looked: Mapping[Place, Looked]) -> Iterator[Proposal]:
    by_names = {(each.table, each.column): each for each in propose(catalog)}
    for table in catalog.tables:
        made = {}
        for column in table.columns:
            seen = looked.get((table.name, column.name), Looked())
            made[column.name] = weigh(
                by_names.get((table.name, column.name)),
                seen,
                table=table.name,
                column=column.name,
                kind=column.type.kind,
            )
        yield from with_births(table, made, looked)


def _closed(column: str, looked: Looked) -> str | None:
    """Say why the text of a column is safe to keep, or nothing."""
    last = split(column)[-1:]
    if looked.labels and _LABELS.intersection(last):
        return f"a short list: {looked.distinct} words in {looked.rows:,} rows, none of them a name"
    if looked.uuids and _LINKS.intersection(last):
        return f"links rows: {looked.distinct:,} values, each a UUID"
    return None


def _seen(looked: Looked) -> str:
    values = f"{looked.distinct:,} distinct values in {looked.rows:,} rows"
    if looked.judgements or looked.fields:
        return f"some of {values} look personal, not enough to say what it is"
    return f"nothing was found in {values}"


def _unfinished(place: Place, looked: Looked) -> Finding:
    subject = f"{place[0]}.{place[1]}"
    return note(
        "not-scanned",
        f"{looked.failed} values of `{subject}` took too long to look at",
        subject=subject,
        help="decide on it by hand; `contains` cannot be ruled out",
    )
