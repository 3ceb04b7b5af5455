"""`masker snapshot`: write masked data into a sealed folder, to be loaded wherever it is wanted."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.plan import ROOT
from masker.cli.state import State

if TYPE_CHECKING:
    from masker.pipelines.snapshot import Snapshot

_NAMED = 6  # scrambled columns that are named; `--json` and the manifest name all


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def snapshot(
        source: Annotated[
            str,
            typer.Argument(
                help="A pipeline's YAML file, or a database's URL such as sqlite:///shop.db, or "
                "${VARIABLE}."
            ),
        ],
        *,
        out: Annotated[
            str,
            typer.Option("--out", "-o", help="The new folder, or a URL such as s3://bucket/name."),
        ],
        root: Annotated[list[str] | None, typer.Option("--root", help=ROOT)] = None,
        sample: Annotated[
            str | None,
            typer.Option(
                "--sample", help="A share of the roots, or without any of every table: 1%."
            ),
        ] = None,
        rules: Annotated[
            list[str] | None,
            typer.Option("--rules", help="For a URL: a rule pack, shipped or by path; repeatable."),
        ] = None,
        schema: Annotated[
            list[str] | None, typer.Option("--schema", help="For a URL: a schema to read.")
        ] = None,
        country: Annotated[
            list[str] | None,
            typer.Option("--country", help="For a URL: look for its national numbers, such as DE."),
        ] = None,
        accept: Annotated[
            list[str] | None,
            typer.Option("--accept", help="The id of a warning to accept; repeatable."),
        ] = None,
        format: Annotated[
            str, typer.Option("--format", help="Of the tables' files: parquet, csv or sql.")
        ] = "parquet",
        records: Annotated[
            Path, typer.Option("--records", help="Folder of manifests and the ledger.")
        ] = Path("masker-records"),
        workers: Annotated[
            int | None, typer.Option("--workers", min=1, help="Worker processes.")
        ] = None,
        quiet: Annotated[bool, typer.Option("--quiet", "-q", help="No progress.")] = False,
        json: Annotated[bool, typer.Option("--json", help="Print the result as JSON.")] = False,
    ) -> int:
        """Write masked data into a sealed folder: all of it or, with --root, a few whole families.

        A pipeline's target is not touched. A bare URL without --rules is looked at as `init` does,
        and what is left to a person is scrambled.
        """
        from masker.cli.screen import watching  # noqa: PLC0415 - loaded when run
        from masker.pipelines.snapshot import is_database  # noqa: PLC0415
        from masker.pipelines.snapshot import snapshot as take  # noqa: PLC0415

        state.json, state.by_option = json, is_database(source)
        with watching(quiet=quiet or json) as watch:
            made = take(
                source if is_database(source) else Path(source),
                out,
                roots=root or (),
                sample=sample,
                rules=rules or (),
                schemas=schema or (),
                countries=country or (),
                accept=accept or (),
                format=format,
                records=records,
                workers=workers,
                watch=watch,
                environ=os.environ,
            )
        if json:
            tell.out_json(made.as_json())
        else:
            tell.out("\n".join(_lines(made)))
        return 0


def _lines(made: Snapshot) -> Iterator[str]:
    from masker.cli.summary import facts  # noqa: PLC0415 - loaded when run

    run = made.run
    yield f"sealed {made.path}  (run {run.id}, {sum(run.seconds.values()):.1f} s)"
    yield from facts(run)
    yield f"  size      {made.size / 1e6:,.1f} MB of {made.format} files"
    if made.scrambled:
        named = [*made.scrambled[:_NAMED], *(["…"] if len(made.scrambled) > _NAMED else [])]
        yield (
            f"  scrambled {len(made.scrambled)} columns that nobody has decided on: "
            f"{', '.join(named)}"
        )
    yield f"  seal      {made.seal}"
    yield f"  manifest  {run.manifest_path}"
    yield f"Next: masker load {made.path} '${{TARGET_URL}}'"
