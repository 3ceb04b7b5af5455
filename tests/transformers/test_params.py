"""Types of parameters in words."""

from datetime import timedelta

import pytest

from masker.transformers import Param
from masker.transformers.params import TYPES, duration, problem_of, settled

RIGHT = {
    "text": "a",
    "column": "id",
    "integer": 3,
    "number": 0.5,
    "boolean": False,
    "scalar": "a",
    "list of text": ["a"],
    "duration": "30d",
    "mapping": {"a": 1},
}


def param(kind, default="x", choices=()):
    return Param(name="p", type=kind, default=default, meaning="m", choices=choices)


@pytest.mark.parametrize("kind", sorted(TYPES))
def test_right_and_wrong(kind):
    assert problem_of(param(kind), RIGHT[kind]) == ""
    assert problem_of(param(kind), object())
    assert problem_of(param(kind), None)
    assert problem_of(param(kind, default=None), None) == ""


@pytest.mark.parametrize(
    ("text", "days"), [("30d", 30), ("2w", 14), ("6mo", 180), ("1y", 365), ("400d", 400)]
)
def test_durations(text, days):
    assert duration(text) == timedelta(days=days)


@pytest.mark.parametrize("text", ["", "0d", "30", "d", "1h", "-1d", "1.5d", "99999999d"])
def test_no_durations(text):
    assert problem_of(param("duration"), text)
    with pytest.raises(ValueError, match="no duration"):
        duration(text)


def test_choices_hold_for_every_item():
    some = param("list of text", choices=("a", "b"))
    assert problem_of(some, ["a"]) == ""
    assert "`a`, `b`" in problem_of(some, ["a", "c"])


def test_lists_become_tuples():
    assert settled(["a"]) == ("a",)
    assert settled({"a": 1}) == {"a": 1}
