"""What is told of failures, and that it is plain where somebody wants it plain."""

import io
import json
import os
import pty
import re
import subprocess
import sys

import pytest
from rich import box
from rich.console import Console
from rich.table import Table

from masker.cli import tell
from masker.errors import MANIFEST, Bug, Interrupted, UnsafeError
from masker.findings import Findings, Position, error, note, warning

STYLE = re.compile(r"\x1b\[[0-9;]*m")


def on_a_terminal(*arguments: str, **environment: str) -> str:
    """Return what a command writes when all its output goes to a terminal."""
    ours, theirs = pty.openpty()
    outer = {name: value for name, value in os.environ.items() if name != "NO_COLOR"}
    subprocess.run(
        [sys.executable, "-m", "masker", *arguments],
        env={**outer, "TERM": "xterm", **environment},
        stdin=subprocess.DEVNULL,
        stdout=theirs,
        stderr=theirs,
        check=False,
    )
    os.close(theirs)
    said = b""
    try:
        while part := os.read(ours, 65536):
            said += part
    except OSError:  # Linux ends a terminal that nobody writes to with EIO
        pass
    os.close(ours)
    return said.decode()


COMMANDS = pytest.mark.parametrize(
    "arguments", [["--help"], [], ["check", "nowhere.yaml"]], ids=["help", "nothing", "failure"]
)


@COMMANDS
def test_a_terminal_shows_styles(arguments):
    assert STYLE.search(on_a_terminal(*arguments))


@COMMANDS
def test_no_color_means_no_style_at_all(arguments):
    said = on_a_terminal(*arguments, NO_COLOR="1")
    assert said
    assert not STYLE.search(said)


@COMMANDS
def test_what_is_no_terminal_gets_no_style(arguments):
    done = subprocess.run(
        [sys.executable, "-m", "masker", *arguments], capture_output=True, text=True, check=False
    )
    assert not STYLE.search(done.stdout + done.stderr)


def test_a_missing_module_is_named():
    told = tell.ours(ModuleNotFoundError("No module named 'polars_hash'", name="polars_hash"))
    assert isinstance(told, Bug)
    assert "`polars_hash`" in told.message
    assert "install masker again" in told.help


def test_our_mistake_says_how_to_see_more():
    told = tell.ours(ValueError("Anna Schmidt"))
    assert "masker --debug COMMAND" in told.help
    assert "Anna" not in told.message + told.help


def test_an_interrupt_keeps_what_is_known_of_it():
    stopped = KeyboardInterrupt()
    stopped.add_note("stopped after it was published")
    stopped.add_note(f"{MANIFEST}records/x.json")
    told = tell.ours(stopped)
    assert isinstance(told, Interrupted)
    assert told.message == "stopped after it was published"
    assert tell.manifest_of(told) == "records/x.json"


@pytest.mark.parametrize(
    ("subject", "line"),
    [
        ("shop.customers.phone", "- live-range:shop.customers.phone"),
        ("shop.My Table.Customer Id", "- live-range:shop.My Table.Customer Id"),
        ("shop.it's: odd.x", "- 'live-range:shop.it''s: odd.x'"),
        ("shop.t #1.x", "- 'live-range:shop.t #1.x'"),
    ],
)
def test_the_line_that_accepts_is_yaml_that_means_the_id(subject, line):
    from ruamel.yaml import YAML

    found = warning("live-range", "x", subject=subject)
    assert found.acceptance == line
    assert YAML(typ="safe").load(io.StringIO(line)) == [found.id]


def test_a_place_is_no_picture(capsys):
    tell.findings([error("a", "x", at=Position("shop.yaml", 100, 8))])
    assert "  shop.yaml:100:8: x\n" in capsys.readouterr().err


@pytest.mark.parametrize("terminal", [True, False])
def test_a_table_in_a_pipe_ends_its_lines_with_no_blanks(terminal, capsys):
    made = Table(box=box.SIMPLE_HEAD, title="row 1", title_justify="left")
    made.add_column("column")
    made.add_column("after")
    made.add_row("name", "Ida Kühn-Ortega")
    made.add_row("id", "NULL")
    tell.table(Console(force_terminal=terminal, color_system=None), made)
    lines = capsys.readouterr().out.split("\n")
    assert ["Ida Kühn-Ortega" in line for line in lines].count(True) == 1
    assert any(line.endswith(" ") for line in lines) == terminal
    assert [line.split() for line in lines if "NULL" in line] == [["id", "NULL"]]


def test_only_what_can_be_accepted_says_how(capsys):
    made = (error("a", "x"), warning("b", "y", help="mend it"), warning("c", "z"), note("d", "w"))
    tell.findings(Findings(made), accepted=frozenset({"c"}))
    said = capsys.readouterr().err
    assert re.findall(r"^ +- (.*)$", said, re.MULTILINE) == ["b"]


def test_notes_that_are_mended_alike_share_their_help(capsys):
    same = [note("left", f"{name}: 2 (`t`)", subject=name, help="again") for name in ("a", "b")]
    others = [note("left", "c: 1", help="otherwise"), note("held", "d"), note("held", "e")]
    told = [same[0], others[0], warning("w", "f", subject="x", help="again"), *others[1:], same[1]]
    tell.findings([*told, warning("w", "g", subject="y", help="again")], by_option=True)
    accept = "  accept: if it may be so, --accept"
    assert capsys.readouterr().err == (
        f"warning w:x\n  f\n  help: again\n{accept} w:x\n"
        f"warning w:y\n  g\n  help: again\n{accept} w:y\n"
        "note left\n  a: 2 (`t`)\n  b: 2 (`t`)\n  help: again\n"
        "note left\n  c: 1\n  help: otherwise\nnote held\n  d\nnote held\n  e\n"
    )


def test_what_a_note_is_about_stands_in_its_line(capsys):
    tell.findings([note("k", "odd", subject=name, help="again") for name in ("t.a", "t.b")])
    assert capsys.readouterr().err == "note k\n  t.a: odd\n  t.b: odd\n  help: again\n"


def test_a_note_alone_keeps_its_subject_in_its_name(capsys):
    tell.findings([note("left", "a: 2", subject="views", help="again")])
    assert capsys.readouterr().err == "note left:views\n  a: 2\n  help: again\n"


def test_what_was_accepted_is_told_apart_in_json(capsys):
    found = Findings((warning("a", "one", subject="x"), error("b", "two")), frozenset({"a:x"}))
    tell.failure(UnsafeError.from_findings(found), as_json=True, debug=False)
    told = json.loads(capsys.readouterr().out)
    assert [(each["code"], each["accepted"]) for each in told["findings"]] == [
        ("a", True),
        ("b", False),
    ]


@pytest.mark.parametrize("terminal", [True, False])
def test_who_waits_at_a_terminal_is_told_for_what(terminal, monkeypatch):
    said = io.StringIO()
    monkeypatch.setattr(tell, "stderr", lambda: Console(file=said, force_terminal=terminal))
    with tell.waiting("planning [a] run"):
        pass
    assert ("planning [a] run" in said.getvalue()) == terminal
    assert bool(said.getvalue()) == terminal
