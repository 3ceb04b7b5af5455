"""The screen of a run while it goes on: phases, their times, the bar while rows move."""

import io

import pytest
from rich.console import Console

from masker.catalog import TableName
from masker.cli.screen import Screen

SPENT = {
    "plan": 4.1,
    "load": 0.5,
    "recompute": 0.0,
    "constraints": 12.3,
    "views": 0.04,
    "statistics": 0.3,
    "publish": 0.06,
}


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def go(screen: Screen, clock: Clock, *, stop_in: str = "") -> None:
    with screen:
        for phase, seconds in SPENT.items():
            screen.phase(phase)
            clock.now += seconds
            if phase == stop_in:
                raise RuntimeError


def test_phases_stand_in_columns_and_those_of_no_time_are_not_told(capsys):
    clock = Clock()
    go(Screen(clock), clock)
    assert capsys.readouterr().err.splitlines() == [
        "✓ plan           4.1 s",
        "✓ load           0.5 s",
        "✓ constraints   12.3 s",
        "✓ statistics     0.3 s",
        "✓ publish        0.1 s",
    ]


def test_that_somebodys_own_statements_ran_is_told_however_short(capsys):
    with Screen(Clock()) as screen:
        for phase in ("arrival", "after", "audit"):
            screen.phase(phase)
    assert capsys.readouterr().err.splitlines() == ["✓ after          0.0 s"]


def test_a_phase_that_fails_is_told_however_short(capsys):
    clock = Clock()
    with pytest.raises(RuntimeError):
        go(Screen(clock), clock, stop_in="views")
    assert capsys.readouterr().err.splitlines()[-1] == "✗ views"


@pytest.fixture
def terminal(monkeypatch) -> Console:
    made = Console(file=io.StringIO(), force_terminal=True, width=80, color_system=None)
    monkeypatch.setattr("masker.cli.screen.stderr", lambda: made)
    return made


def test_the_end_that_was_expected_of_rows_does_not_stay_for_the_next_phase(terminal):
    clock = Clock()
    screen = Screen(clock)
    screen._expected = 1000
    screen.phase("load")
    screen.moved(TableName("public", "people"), 500, 1)
    (load,) = screen._progress.tasks
    assert (load.total, load.completed) == (1000, 500)
    screen.phase("audit")
    (audit,) = screen._progress.tasks
    assert (audit.description, audit.total, audit.completed) == ("audit", None, 0)


@pytest.mark.parametrize("width", [60, 80, 200])
def test_the_bar_is_one_line(terminal, width):
    terminal.width = width
    screen = Screen()
    screen._expected = 2_000_000_000
    screen.phase("load")
    screen.moved(TableName("a_long_schema", "a_very_long_name_of_a_table"), 1_234_567, 1)
    with terminal.capture() as told:
        terminal.print(screen._progress.get_renderable())
    (line,) = told.get().splitlines()
    assert "1,234,567 rows" in line


def test_the_bar_tells_rows_rate_and_the_time_that_is_left(terminal, monkeypatch):
    """A hundred rows a second, of which a thousand are expected."""
    clock = Clock()
    terminal.width = 120
    screen = Screen(clock)
    monkeypatch.setattr(screen._progress, "get_time", clock)
    screen._expected = 1000
    screen.phase("load")
    for _ in range(4):
        clock.now += 1
        screen.moved(TableName("public", "people"), 100, 1)
    with terminal.capture() as told:
        terminal.print(screen._progress.get_renderable())
    (line,) = told.get().splitlines()
    assert "load public.people" in line
    assert "400 rows" in line
    assert "100 rows/s" in line
    assert "0:00:06 left" in line
