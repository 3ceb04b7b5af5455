"""`masker load`: build a database from a snapshot."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

if TYPE_CHECKING:
    from masker.findings import Finding, Findings
    from masker.pipelines.load import Loaded


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def load(
        folder: Annotated[
            str, typer.Argument(help="What `masker snapshot` wrote: a folder, or its URL.")
        ],
        target: Annotated[str, typer.Argument(help="The target's URL, or ${VARIABLE} with one.")],
        *,
        allow: Annotated[
            list[str] | None,
            typer.Option("--allow", help="A refusal of the guard to lift, such as same-server."),
        ] = None,
        template: Annotated[
            str | None,
            typer.Option("--template", help="An empty template database with extensions."),
        ] = None,
        seal: Annotated[
            str | None, typer.Option("--seal", help="The seal that the snapshot must have.")
        ] = None,
        accept: Annotated[
            list[str] | None,
            typer.Option("--accept", help="The id of a warning to accept; repeatable."),
        ] = None,
        terminate: Annotated[
            bool, typer.Option(help="End the target's sessions, or wait for them.")
        ] = True,
        records: Annotated[
            Path, typer.Option("--records", help="Folder of manifests and the ledger.")
        ] = Path("masker-records"),
        workers: Annotated[int, typer.Option("--workers", min=1, help="Worker processes.")] = 1,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    ) -> int:
        """Check every file of a snapshot, load it beside the old data, and only then swap."""
        from masker.cli.screen import watching  # noqa: PLC0415 - loaded when run
        from masker.pipelines.load import load_snapshot as go  # noqa: PLC0415

        state.json, state.by_option = json, True
        told: list[Finding] = []

        def warn(found: Findings) -> None:
            told.extend(found)
            tell.findings(found, accepted=found.accepted, by_option=True)

        with watching(quiet=quiet or json) as watch:
            done = go(
                folder,
                target,
                allow=allow or (),
                template=template,
                seal=seal,
                accept=accept or (),
                terminate=terminate,
                records=records,
                workers=workers,
                watch=watch,
                warn=None if json else warn,
                environ=os.environ,
            )
        if json:
            tell.out_json(done.as_json())
        else:
            tell.out("\n".join(_lines(done)))
            rest = [each for each in done.run.findings if each not in told]
            tell.findings(rest, accepted=frozenset(accept or ()), by_option=True)
        return 0


def _lines(done: Loaded) -> Iterator[str]:
    run = done.run
    rows = sum(run.rows.values())
    yield f"{run.outcome} {run.target}  (run {run.id}, {sum(run.seconds.values()):.1f} s)"
    yield f"  from      {done.path}, made {done.made}"
    yield f"  tables    {len(run.rows)} loaded, {rows:,} rows"
    yield "  checked   every file by its hash, every row counted, every constraint valid"
    yield f"  audit     that of the snapshot, run {done.snapshot}"
    yield f"  manifest  {run.manifest_path}"
