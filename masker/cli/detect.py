"""`masker detect evaluate`: how well a scan found what people labelled."""

from __future__ import annotations

import json as reader
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State
from masker.errors import ConfigError

if TYPE_CHECKING:
    from masker.detect.evaluate import Evaluation, Score

app = typer.Typer()


def register(group: typer.Typer, state: State) -> None:
    """Add the command."""

    @group.command()
    def evaluate(
        labels: Annotated[Path, typer.Argument(help="A JSON list of {table, column, kind, tier}.")],
        scan: Annotated[Path, typer.Argument(help="What `masker scan --json` printed.")],
        *,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Print precision, recall, F1 and F2 of a scan, its misses and its false alarms."""
        from masker.detect.evaluate import evaluate, read_labels, read_scan  # noqa: PLC0415 - when run

        state.json = json
        made = evaluate(read_labels(_read(labels)), read_scan(_read(scan)))
        if json:
            tell.out_json(made.as_json())
            return 0
        tell.out(_text(made))
        tell.findings(made.findings)
        return 0


def _read(path: Path) -> object:
    try:
        return reader.loads(path.read_text(encoding="utf-8"))
    except OSError as failure:
        raise ConfigError(
            f"`{path}` cannot be read: {failure.strerror}", code="unreadable-file"
        ) from None
    except ValueError:  # bad JSON and bytes that are no UTF-8; their texts quote the file
        raise ConfigError(
            f"`{path}` is not JSON", help="it must be UTF-8, too", code="unreadable-file"
        ) from None


def _text(made: Evaluation) -> str:
    rows = [("all", made.overall), *made.entities.items()]
    wide = max(len(name) for name, _ in rows)
    lines = [
        f"{'':<{wide}}  labelled  found  alarms  precision  recall     F1     F2",
        *(_line(name, score, wide) for name, score in rows),
    ]
    for tier, score in made.tiers.items():
        lines.append(f"{tier}: {score.found} of {score.labelled} found ({_figure(score.recall)})")
    lines.append("unlabelled columns count as not personal: " + str(made.unlabelled))
    lines += [f"missed       {column}  {kind}, {tier}" for column, kind, tier in made.misses]
    lines += [f"false alarm  {column}  {entity}" for column, entity in made.alarms]
    lines += [
        f"other entity {column}  {kind}, told as {entity}" for column, kind, entity in made.renamed
    ]
    return "\n".join(lines)


def _line(name: str, score: Score, wide: int) -> str:
    figures = (score.precision, score.recall, score.f(1), score.f(2))
    shown = "  ".join(
        f"{_figure(each):>{size}}" for each, size in zip(figures, (9, 6, 5, 5), strict=True)
    )
    return f"{name:<{wide}}  {score.labelled:>8}  {score.found:>5}  {score.alarms:>6}  {shown}"


def _figure(value: float | None) -> str:
    return "-" if value is None else f"{value:.3f}"
