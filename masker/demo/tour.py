"""The main job on an embedded default: two servers, a shop, one refresh, and what came of it."""

from __future__ import annotations

import os
import time
from collections.abc import Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field
from pathlib import Path

from masker.demo.folder import Folder
from masker.demo.roles import Production, Staging, prepare_production, prepare_staging
from masker.demo.servers import EmbeddedServer
from masker.demo.shop import check_scale, fill
from masker.demo.sights import Sight, look
from masker.demo.stay import leave, stayed
from masker.errors import ConfigError
from masker.pipelines.record import Run
from masker.pipelines.run import run
from masker.pipelines.watch import Nobody, Watch


@dataclass(frozen=True, slots=True, kw_only=True)
class Tour:
    """What the demo did and where it lies.

    `people` and `places` show rows before and after. `edited` says that the folder held a
    pipeline of somebody's own, which was used. `kept` says that both servers still run;
    `programs` is the folder of psql and its kin.
    """

    folder: Folder
    run: Run
    people: tuple[Sight, ...]
    places: tuple[Sight, ...]
    production: Production = field(repr=False)
    staging: Staging = field(repr=False)
    seconds: float
    edited: bool
    kept: bool
    programs: Path


def tour(
    directory: Path,
    *,
    scale: float = 1.0,
    keep: bool = False,
    watch: Watch | None = None,
    environ: Mapping[str, str] | None = None,
) -> Tour:
    """Start production and staging, fill production, refresh staging from it, and look at both.

    `directory` gets the pipeline, a key and the records of runs; a pipeline that is already there
    is used as it is. `scale` multiplies the shop's rows, about 142,000 at 1. The servers are
    stopped and removed at the end, whatever happens, unless `keep`. Raise ConfigError for a scale
    that makes no sense or when servers of an earlier demo still run, and whatever `run` raises.
    """
    check_scale(scale)
    watch = watch or Nobody()
    folder = Folder(directory)
    if stayed(folder):
        raise ConfigError(
            f"the servers of an earlier demo in `{directory}` still run",
            help=f"stop them: masker demo --stop --dir {directory}",
            code="servers-stayed",
        )
    began = time.monotonic()
    edited = folder.furnish()
    with ExitStack() as running:
        watch.phase("servers")
        servers = [running.enter_context(EmbeddedServer.start()) for _ in range(2)]
        production = prepare_production(servers[0].url())
        staging = prepare_staging(servers[1].url())
        watch.phase("shop")
        fill(production.owner, scale=scale)
        source, target = production.reader, staging.loader
        done = run(
            folder.pipeline,
            records=folder.records,
            watch=watch,
            environ=folder.environment(
                os.environ if environ is None else environ, source=source, target=target
            ),
        )
        watch.phase("look")
        people, places = look(production.owner, target)
        if keep:
            folder.write_urls(source=source, target=target)
            leave(folder, servers)
            running.pop_all()
    return Tour(
        folder=folder,
        run=done,
        people=people,
        places=places,
        production=production,
        staging=staging,
        seconds=time.monotonic() - began,
        edited=edited,
        kept=keep,
        programs=servers[0].bin,
    )
