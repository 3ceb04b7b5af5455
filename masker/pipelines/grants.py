"""The rights that the reading role needs on a source, as a script for its administrator."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from masker.catalog import Catalog, TableName
from masker.engines.engine import Source
from masker.engines.registry import engine_of
from masker.pipelines.planning import opened
from masker.pipelines.source_url import url_of
from masker.rules.pipeline import Pipeline
from masker.rules.policy import Treatment
from masker.rules.resolve import resolve


@dataclass(frozen=True, slots=True, kw_only=True)
class Grants:
    """Statements to run as somebody who may grant; none where an engine knows no roles."""

    role: str
    database: str
    engine: str
    statements: tuple[str, ...]

    def as_json(self) -> dict[str, object]:
        """Return them as a JSON object."""
        return {
            "role": self.role,
            "database": self.database,
            "engine": self.engine,
            "statements": list(self.statements),
        }


def grants(
    source: str, *, role: str, schemas: Sequence[str] = (), environ: Mapping[str, str]
) -> Grants:
    """Return what `role` needs to be masker's reader of a source, and nothing more.

    `source` is a URL, `${VARIABLE}` or a pipeline's file; a pipeline needs no right on the tables
    that it leaves out. Any role that may connect can ask: nothing is written and no row is read.
    ConfigError for what cannot be read or reached.
    """
    pipeline = opened(source, environ) if _is_file(source) else None
    url = pipeline.source.url if pipeline else url_of(source, environ)
    named = tuple(schemas) or (pipeline.source.schemas if pipeline else ())
    engine = engine_of(url)
    with engine.open_source(engine.address(url)) as opened_source:
        catalog = opened_source.catalog(schemas=named or None)
        return Grants(
            role=role,
            database=catalog.database,
            engine=engine.title,
            statements=_statements(opened_source, catalog, pipeline, role=role),
        )


def _statements(
    source: Source, catalog: Catalog, pipeline: Pipeline | None, *, role: str
) -> tuple[str, ...]:
    tables = [table.name for table in catalog.tables if not table.extension]
    loaded, dumped = tables, tables
    if pipeline is not None:
        treated = _treatments(pipeline, catalog)
        loaded = [name for name in tables if treated.get(name) is not Treatment.EXCLUDE]
        dumped = [] if pipeline.target.structure == "keep" else loaded
        loaded = [name for name in loaded if treated.get(name) is not Treatment.EMPTY]
    return source.grants(catalog, role=role, loaded=loaded, dumped=dumped)


def _treatments(pipeline: Pipeline, catalog: Catalog) -> dict[TableName, Treatment]:
    verdicts = resolve(pipeline, catalog).tables
    return {name: verdict.treatment for name, verdict in verdicts.items()}


def _is_file(source: str) -> bool:
    return "://" not in source and Path(source).suffix in {".yaml", ".yml"}
