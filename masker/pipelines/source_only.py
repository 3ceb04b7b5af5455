"""A pipeline of which only the source is used: nobody need know where its target is."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from masker.pipelines.planning import opened
from masker.rules.pipeline import Pipeline, load_pipeline


def opened_to_read(pipeline: str | Path | Pipeline, environ: Mapping[str, str]) -> Pipeline:
    """Read a pipeline, unless it is one already; variables of its target need not be set.

    ConfigError for what is wrong with it, and for a variable that reading or masking needs.
    """
    if isinstance(pipeline, Pipeline):
        return opened(pipeline, environ)
    path = Path(pipeline)
    made = load_pipeline(path, environ=environ, lenient=True)
    if any("${" in (written or "") for written in (made.source.url, made.key, made.tools)):
        made = load_pipeline(path, environ=environ)  # which tells all variables that are not set
    return opened(made, environ)
