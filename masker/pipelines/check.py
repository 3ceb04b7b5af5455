"""Check a pipeline: its own file and its packs, without connecting anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from masker.errors import ConfigError
from masker.findings import Findings
from masker.rules.packs import load_packs
from masker.rules.pipeline import Pipeline, load_pipeline


def check_pipeline(path: Path, *, environ: Mapping[str, str]) -> tuple[Pipeline, Findings]:
    """Return the pipeline and what is worth knowing; ConfigError with everything that is wrong.

    A `${VARIABLE}` that is not set is no error here: a check needs no secrets.
    """
    pipeline = load_pipeline(path, environ=environ, lenient=True)
    try:
        load_packs(pipeline)
    except ConfigError as failure:
        raise ConfigError.from_findings(pipeline.findings + failure.findings) from None
    return pipeline, pipeline.findings
