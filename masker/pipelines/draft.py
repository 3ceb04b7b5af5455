"""`init`: look at a source and write a pipeline for it, or add what is new to one that is there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.catalog import Catalog
from masker.engines.registry import engine_of
from masker.errors import TryAgainError
from masker.findings import Findings
from masker.pipelines.out import check_out, write_out
from masker.pipelines.scan import Scan, ScanWatch, scan
from masker.pipelines.source_url import url_of, variable_of
from masker.rules.document import read_text
from masker.rules.draft import NAMES_ALONE, draft, named
from masker.rules.merge import merge
from masker.rules.pipeline import Pipeline, parse_pipeline
from masker.rules.proposed import proposed
from masker.rules.resolve import resolve
from masker.rules.verdicts import KEEP, REVIEW

SOURCE_VARIABLE = "SOURCE_URL"
_FROM_VALUES = "names, types, keys and a random sample of values; no value stands in it"


@dataclass(frozen=True, slots=True, kw_only=True)
class Drafted:
    """What a pipeline holds: columns, masked ones, ones left to a person; and how it came to be.

    `added` counts lines added to a file that was there (None: the file is new), `gone` names what
    it decides on that the source does not have.
    """

    path: Path
    columns: int
    masked: int
    review: int
    variable: str
    scanned: bool
    added: int | None = None
    gone: tuple[str, ...] = ()
    findings: Findings


def draft_pipeline(
    source: str,
    path: Path,
    *,
    schemas: Sequence[str] = (),
    countries: Sequence[str] = (),
    values: bool = True,
    force: bool = False,
    environ: Mapping[str, str],
    watch: ScanWatch | None = None,
) -> Drafted:
    """Write a pipeline that decides on every column of a source, or add new columns to one.

    `source` is a URL or `${VARIABLE}`; the URL itself is never written, only a variable. `values`:
    a random sample is looked at. A file that is there keeps every line of it, unless `force` is on;
    its own schemas and countries hold. ConfigError when that file has something wrong or cannot be
    written, TryAgainError when somebody else wrote it meanwhile; then it is as they left it.
    """
    url = url_of(source, environ)
    countries = [country.upper() for country in countries]
    check_out(path)
    there = None
    before = None if force else _text(path)
    if before is not None:
        there = parse_pipeline(before, file=path, environ=environ, lenient=True)
        schemas = schemas or there.source.schemas
        countries = countries or list(there.countries)
    looked = (
        scan(url, schemas=schemas, countries=countries, watch=watch)
        if values
        else _catalog(url, schemas)
    )
    if before is None or there is None:
        text, added, gone = _new(looked, source, countries)
    else:
        text, added, gone = _more(looked, before, there)
    written = parse_pipeline(text, file=path, environ={}, lenient=True)
    if not force and _text(path) != before:
        raise TryAgainError(
            f"`{path}` was written by somebody else while the source was looked at; it is as they "
            "left it",
            help="call again: what they wrote is kept",
            code="file-changed",
            subject=str(path),
        )
    write_out(path, text)
    uses = [
        rule.use
        for columns in written.columns.values()
        for rules in columns.values()
        for rule in rules[:1]
    ]
    return Drafted(
        path=path,
        columns=len(uses),
        masked=sum(use not in {KEEP, REVIEW} for use in uses),
        review=sum(use == REVIEW for use in uses),
        variable=variable_of(source) or SOURCE_VARIABLE,
        scanned=values,
        added=added,
        gone=gone,
        findings=looked.findings if isinstance(looked, Scan) else Findings(),
    )


def _text(path: Path) -> str | None:
    return read_text(path) if path.exists() else None


def _catalog(url: str, schemas: Sequence[str]) -> Catalog:
    engine = engine_of(url)
    with engine.open_source(engine.address(url)) as source:
        return source.catalog(schemas=schemas or None)


def _new(
    looked: Scan | Catalog, source: str, countries: Sequence[str]
) -> tuple[str, None, tuple[str, ...]]:
    catalog = looked.catalog if isinstance(looked, Scan) else looked
    scanned = isinstance(looked, Scan)
    text = draft(
        catalog,
        name=named(catalog.database, "refresh"),
        source=f"${{{variable_of(source) or SOURCE_VARIABLE}}}",
        countries=countries,
        proposals=looked.proposals if isinstance(looked, Scan) else None,
        closed=looked.closed if isinstance(looked, Scan) else {},
        seen=looked.seen if isinstance(looked, Scan) else {},
        basis=_FROM_VALUES if scanned else NAMES_ALONE,
    )
    return text, None, ()


def _more(looked: Scan | Catalog, text: str, there: Pipeline) -> tuple[str, int, tuple[str, ...]]:
    catalog = looked.catalog if isinstance(looked, Scan) else looked
    verdicts = proposed(
        catalog,
        locale=there.locale,
        countries=there.countries,
        proposals=looked.proposals if isinstance(looked, Scan) else None,
        closed=looked.closed if isinstance(looked, Scan) else {},
        seen=looked.seen if isinstance(looked, Scan) else {},
    )
    made = merge(text, there, resolve(there, catalog), catalog, verdicts)
    return made.text, len(made.added), made.gone
