"""`masker demo`: the whole road on two embedded servers, with rows before and after."""

from __future__ import annotations

import shlex
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from masker.cli import tell
from masker.cli.state import State

if TYPE_CHECKING:  # loaded when run: the demo needs the whole house, `--help` none of it
    from rich.console import Console
    from rich.table import Table

    from masker.demo.sights import Sight
    from masker.demo.tour import Tour

_NARROW = 100  # columns of a terminal in which three columns of a table have room


def register(app: typer.Typer, state: State) -> None:
    """Add the command."""

    @app.command()
    def demo(
        *,
        directory: Annotated[
            Path, typer.Option("--dir", help="Folder of the demo's pipeline, key and records.")
        ] = Path("masker-demo"),
        scale: Annotated[
            float, typer.Option("--scale", help="How large a shop; 1 has some 142,000 rows.")
        ] = 1.0,
        keep: Annotated[
            bool, typer.Option("--keep", help="Leave both servers running and print their URLs.")
        ] = False,
        stop: Annotated[
            bool, typer.Option("--stop", help="Stop the servers that --keep left running.")
        ] = False,
        json: Annotated[bool, typer.Option("--json", help="Print JSON.")] = False,
    ) -> int:
        """Fill a production server, refresh a staging server from it, show both. Needs nothing."""
        state.json = json
        if stop:
            return _stop(directory, json=json)
        done = _go(directory, scale=scale, keep=keep, quiet=json)
        if json:
            tell.out_json(_as_json(done))
        else:
            _show(done)
        return 0


def _stop(directory: Path, *, json: bool) -> int:
    from masker.demo.folder import Folder  # noqa: PLC0415 - loaded when run
    from masker.demo.stay import stop  # noqa: PLC0415

    stopped = stop(Folder(directory))
    if json:
        tell.out_json({"stopped": stopped})
    else:
        told = f"{stopped} servers stopped and removed" if stopped else "no server was running"
        tell.out(f"{directory}: {told}")
    return 0


def _go(directory: Path, *, scale: float, keep: bool, quiet: bool) -> Tour:
    from masker.cli.screen import Screen  # noqa: PLC0415 - loaded when run
    from masker.demo.tour import tour  # noqa: PLC0415

    if quiet:
        return tour(directory, scale=scale, keep=keep)
    with Screen() as screen:
        return tour(directory, scale=scale, keep=keep, watch=screen)


def _show(done: Tour) -> None:
    """Print the before and after, what was proved, where the files lie, and what to try next."""
    from masker.cli.summary import summary  # noqa: PLC0415 - loaded when run

    console = tell.stdout()
    if console.width < _NARROW and not console.is_terminal:
        console.width = _NARROW
    console.print()
    tell.table(console, _table("The same customers, before and after", done.people))
    tell.table(console, _table("One customer, in every place that knows them", done.places))
    for line in (
        "An address that holds the name gets the fake name, any other one of its own.",
        "What is equal on both sides stays on purpose: orders and sums hold.",
        "The shop is made up; a run on your data never prints a value.",
    ):
        console.print(f"  {line}", style="dim")
    console.print()
    console.print("[bold]Done and proved[/]")
    console.print(summary(done.run), markup=False, soft_wrap=True)
    console.print("\n[bold]Files[/]")
    yours = " (yours: it differs from the shipped one)" if done.edited else ""
    _row(console, "pipeline, policy", f"{done.folder.pipeline}{yours}")
    _row(console, "key", str(done.folder.key))
    _row(console, "manifests, ledger", str(done.folder.records))
    if done.kept:
        console.print("\n[bold]Servers[/], on loopback only")
        _row(console, "production", done.production.reader)
        _row(console, "staging", done.staging.loader)
    console.print("\n[bold]Next[/]")
    for command, why in following(done):
        console.print(f"  {command}", style="cyan", markup=False, soft_wrap=True)
        console.print(f"      {why}", style="dim", markup=False, soft_wrap=True)


def _table(title: str, sights: tuple[Sight, ...]) -> Table:
    from rich import box  # noqa: PLC0415 - loaded when run
    from rich.table import Table as Made  # noqa: PLC0415
    from rich.text import Text  # noqa: PLC0415

    made = Made(title=title, title_justify="left", title_style="bold", box=box.SIMPLE_HEAD)
    made.add_column("", style="dim")
    made.add_column("production", style="red", overflow="fold")
    made.add_column("staging", style="green", overflow="fold")
    for sight in sights:
        style = "dim" if sight.same else ""
        made.add_row(
            sight.place, Text(sight.production, style=style), Text(sight.staging, style=style)
        )
    return made


def _row(console: Console, name: str, value: str) -> None:
    console.print(f"  {name:<18} {value}", markup=False, soft_wrap=True)


def following(done: Tour) -> tuple[tuple[str, str], ...]:
    """Return the commands to try next in one shell, each with what it does."""
    masker, folder = _program(), done.folder
    pipeline, place = shlex.quote(str(folder.pipeline)), shlex.quote(str(folder.path))
    if not done.kept:
        return (
            (
                f"{masker} demo --keep --dir {place}",
                "do it again and leave both servers running, to look around in them",
            ),
            (f"{masker} check {pipeline}", "change a verdict in the pipeline, then check it"),
            (f"{masker} show email", "what a transformer does and what it promises"),
        )
    psql, records = done.programs / "psql", folder.records
    return (
        (f". {shlex.quote(_dotted(folder.urls))}", "both URLs and the key, for what follows"),
        (f"{masker} plan {pipeline}", "every verdict, table by table; moves no row"),
        (
            f"{masker} run {pipeline} --records {shlex.quote(str(records))}",
            "refresh staging once more: the same fakes, since the key is the same",
        ),
        (f'{shlex.quote(str(psql))} "$SHOP_STAGING_URL"', "look around in staging"),
        (f"{masker} demo --stop --dir {place}", "stop and remove both servers"),
    )


def _program() -> str:
    """Return how this masker is called: by its name where the shell finds it, else by its path."""
    here = Path(sys.executable).parent / "masker"
    found = shutil.which("masker")
    if found is not None and Path(found).parent.resolve() == here.parent.resolve():
        return "masker"
    if not here.exists():
        return f"{shlex.quote(sys.executable)} -m masker"
    near = here.is_relative_to(Path.cwd())
    return shlex.quote(str(here.relative_to(Path.cwd()) if near else here))


def _dotted(path: Path) -> str:
    """Return a path that the shell's `.` does not look up in PATH."""
    return str(path) if path.is_absolute() else f"./{path}"


def _as_json(done: Tour) -> dict[str, object]:
    servers = {"production": done.production.reader, "staging": done.staging.loader}
    return {
        "seconds": round(done.seconds, 1),
        "pipeline": str(done.folder.pipeline),
        "manifest_file": str(done.run.manifest_path),
        "key_file": str(done.folder.key),
        "servers": servers if done.kept else None,
        "before_and_after": [
            {"place": sight.place, "production": sight.production, "staging": sight.staging}
            for sight in (*done.people, *done.places)
        ],
        "next": [command for command, _ in following(done)],
        "manifest": done.run.manifest,
    }
