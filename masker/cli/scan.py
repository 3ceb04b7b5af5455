"""`masker scan`: where personal data is, told by names and a sample of values. Never a value."""

from __future__ import annotations

import os
from collections.abc import Iterator
from itertools import groupby
from json import dumps
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

if TYPE_CHECKING:
    from masker.pipelines.scan import Scan, ScannedColumn

ROWS = 4603  # masker.survey says why; the number stands in the help before anything is loaded


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def scan(
        source: Annotated[str, typer.Argument(help="The source's URL, or ${VARIABLE} with one.")],
        *,
        schema: Annotated[
            list[str] | None, typer.Option("--schema", help="A schema to read; all if left out.")
        ] = None,
        country: Annotated[
            list[str] | None,
            typer.Option("--country", help="Look for the national numbers of it, such as DE."),
        ] = None,
        rows: Annotated[
            int, typer.Option("--rows", min=1, help="Random rows to read of each table.")
        ] = ROWS,
        seconds: Annotated[
            float, typer.Option("--seconds", min=0.1, help="Time for each statement.")
        ] = 20,
        out: Annotated[
            Path | None, typer.Option("--out", "-o", help="Write the JSON to a file, too.")
        ] = None,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Find personal data in a database: what each column is or contains, how sure, and why."""
        from masker.cli.looking import Looking  # noqa: PLC0415 - loaded when run
        from masker.pipelines.out import check_out, write_out  # noqa: PLC0415
        from masker.pipelines.scan import scan as look  # noqa: PLC0415
        from masker.pipelines.source_url import url_of  # noqa: PLC0415

        state.json = json
        if out is not None:
            check_out(out)
        with Looking() as watch:
            made = look(
                url_of(source, os.environ),
                schemas=tuple(schema or ()),
                countries=tuple(country or ()),
                rows=rows,
                seconds=seconds,
                watch=watch,
            )
        if out is not None:
            write_out(out, dumps(made.as_json(), indent=2, default=str))
        if json:
            tell.out_json(made.as_json())
            return 0
        tell.out("\n".join(_lines(made)))
        tell.findings(made.findings)
        return 0


def _lines(made: Scan) -> Iterator[str]:
    from masker.survey import power  # noqa: PLC0415 - loaded with the scan

    telling = [each for each in made.columns if each.found or each.proposed.written == "review"]
    for table, columns in groupby(telling, key=lambda each: each.table.name):
        yield str(table)
        yield from (f"  {_line(each)}" for each in columns)
    found = [each for each in made.columns if each.found]
    review = sum(each.proposed.written == "review" for each in made.columns)
    tables = len({each.table.name for each in made.columns})
    yield (
        f"{len(made.columns)} columns of {tables} tables: {len(found)} personal, {review} for a "
        f"person to decide, in {made.seconds:.0f} s"
    )
    yield (
        f"Up to {made.rows:,} random rows of each table were read: what one row in a thousand "
        f"holds is seen with {100 * power(made.rows):.1f} %."
    )
    yield "Nothing found is no proof that nothing is there."


def _line(each: ScannedColumn) -> str:
    found = each.found
    what = f"{'contains' if found.contains else 'is'} {found.entity}" if found else "?"
    score = f"{found.score:.2f}" if found else "    "
    signs = "+".join(found.signs) if found else ""
    seen = f"{each.looked.rows:,} rows" if each.looked.rows else "no values"
    verdict = each.proposed.written
    return f"{each.column.name:<28} {what:<26} {score}  {signs:<24} {seen:<12} {verdict}".rstrip()
