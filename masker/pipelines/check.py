"""Check a pipeline: its own file and its packs, without connecting anywhere."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from masker.rules.pipeline import Pipeline, load_pipeline


def check_pipeline(path: Path, *, environ: Mapping[str, str]) -> Pipeline:
    """Return the pipeline, with notes in its findings; ConfigError with everything that is wrong.

    A `${VARIABLE}` that is not set is no error here: a check needs no secrets.
    """
    return load_pipeline(path, environ=environ, lenient=True)
