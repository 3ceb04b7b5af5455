"""The target as a pipeline describes it."""

from __future__ import annotations

from masker.engines.registry import engine_of
from masker.load.settings import TargetSettings
from masker.rules.pipeline import Pipeline


def settings_of(pipeline: Pipeline) -> TargetSettings:
    """Return what a pipeline says of its target, in the words of loading and publishing."""
    target, publish = pipeline.target, pipeline.publish
    engine = engine_of(target.url)
    return TargetSettings(
        engine=engine.name,
        address=engine.address(target.url),
        mode=target.mode,
        clear=target.clear,
        allow=frozenset(target.allow),
        template=target.template,
        keep_schema=target.structure == "keep",
        terminate=publish.terminate,
        wait=publish.wait.total_seconds(),
        keep_previous=publish.keep_previous > 0,
        workers=max(2, pipeline.workers),  # indexes build on the server, not here
        disk=target.disk,
        tools=pipeline.path(pipeline.tools) if pipeline.tools else None,
    )
