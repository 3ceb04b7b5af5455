"""Rules as the library is given them: a pipeline's file, or verdicts written in Python."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from masker.errors import ConfigError
from masker.findings import Finding, Findings
from masker.rules.pipeline import Pipeline, load_pipeline, parse_pipeline

NOWHERE = "postgresql:///frames"  # rules in Python have no source and no target


@dataclass(frozen=True, slots=True, kw_only=True)
class Written:
    """Rules, and whether they stand in a file: then findings tell their lines."""

    pipeline: Pipeline
    of_file: bool

    def told(self, findings: Findings | Iterable[Finding]) -> Findings:
        """Return findings without positions where the rules stand in no file."""
        items = tuple(findings)
        if not self.of_file:
            items = tuple(replace(finding, position=None) for finding in items)
        if isinstance(findings, Findings):
            return replace(findings, items=items)
        return Findings(items)


def read_rules(pipeline: Path | str | Pipeline, environ: Mapping[str, str]) -> Written:
    """Read a pipeline's file, unless it is read already; ConfigError with all findings at once."""
    if isinstance(pipeline, Pipeline):
        return Written(pipeline=pipeline, of_file=True)
    made = load_pipeline(Path(pipeline), environ=environ, lenient=True, moves=False)
    return Written(pipeline=made, of_file=True)


def write_rules(
    columns: Mapping[str, Mapping[str, object]],
    *,
    packs: Sequence[str] = (),
    locale: str = "en_US",
    countries: Sequence[str] = (),
    accept: Sequence[str] = (),
) -> Written:
    """Read verdicts given in Python as if they stood in a file, with the same complaints."""
    written = {
        "version": 1,
        "name": "library",
        "source": {"url": NOWHERE},
        "target": {"url": NOWHERE},
        "rules": list(packs),
        "locale": locale,
        "countries": list(countries),
        "accept": list(accept),
        "columns": {table: dict(verdicts) for table, verdicts in columns.items()},
    }
    text = json.dumps(written, indent=1)  # JSON is YAML
    try:
        made = parse_pipeline(text, file="Masker", environ={}, lenient=True)
    except ConfigError as problem:
        unplaced = [replace(finding, position=None) for finding in problem.findings]
        raise ConfigError.from_findings(unplaced) from None
    return Written(pipeline=made, of_file=False)
