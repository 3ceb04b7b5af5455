"""A pipeline for a source that has none yet: from rule packs, or drafted in memory."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from pathlib import Path

from masker.engines.registry import engine_of
from masker.findings import Findings
from masker.pipelines.scan import scan
from masker.pipelines.source_url import url_of
from masker.rules.draft import draft
from masker.rules.flow import flow
from masker.rules.pipeline import Pipeline, parse_pipeline

# The URL stands in no text, so that no complaint can show it.
_URL = "MASKER_SNAPSHOT_SOURCE"


def with_packs(
    source: str, packs: Sequence[str], *, schemas: Sequence[str], environ: Mapping[str, str]
) -> Pipeline:
    """Return a pipeline whose rules are those of packs: shipped ones by name, others by path.

    `source` is a URL or `${VARIABLE}`; a column that no pack decides on stops a run.
    """
    url = url_of(source, environ)
    text = "\n".join(
        (
            "version: 1",
            f"name: {flow(_name(url))}",
            f"source: {{url: {flow(_written(_URL))}, schemas: {flow(list(schemas))}}}",
            f"target: {{url: {flow(_written(_URL))}}}",
            f"rules: {flow(list(packs))}",
        )
    )
    return parse_pipeline(text, file=Path.cwd() / "--rules", environ={**environ, _URL: url})


def drafted(
    source: str,
    *,
    schemas: Sequence[str],
    countries: Sequence[str],
    environ: Mapping[str, str],
) -> tuple[Pipeline, Findings]:
    """Look at a source as `init` does and return the pipeline that it would write.

    What `init` leaves to a person is scrambled. The findings tell what could not be looked at.
    """
    url = url_of(source, environ)
    looked = scan(url, schemas=schemas, countries=countries)
    text = draft(
        looked.catalog,
        name=_name(url),
        source=_written(_URL),
        target=_written(_URL),
        countries=[country.upper() for country in countries],
        proposals=looked.proposals,
        closed=looked.closed,
        seen=looked.seen,
    )
    made = parse_pipeline(text, file=Path.cwd() / "--draft", environ={**environ, _URL: url})
    return made.model_copy(update={"uncovered": "scramble"}), looked.findings


def _written(variable: str) -> str:
    return f"${{{variable}}}"


def _name(url: str) -> str:
    database = engine_of(url).address(url).database
    name = re.sub(r"[^A-Za-z0-9_.-]", "-", database)[:48].lstrip("_.-") or "database"
    return f"{name}-snapshot"
