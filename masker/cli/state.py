"""What the options in front of a command say, for the commands behind them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class State:
    """Options that hold for whichever command runs.

    `by_option` says that it has no pipeline in which warnings are accepted, but `--accept`.
    """

    debug: bool = False
    json: bool = False
    by_option: bool = False
