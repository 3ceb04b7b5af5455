"""The log: one line per event, for people and for programs."""

import io
import json
from datetime import datetime, timedelta, timezone

import pytest

from masker.schedule.log import Log, in_words

NOW = datetime(2026, 11, 21, 4, 0, 1, tzinfo=timezone(timedelta(hours=1)))


def lines(**options):
    out = io.StringIO()
    return Log(out, now=lambda: NOW, **options), out


def test_text_for_people():
    told, out = lines()
    told.error("failed", "it failed\nhelp: mend it", pipeline="shop", codes=["a"], run="")
    assert out.getvalue() == ("2026-11-21 03:00:01Z  error    shop: it failed\n    help: mend it\n")


def test_findings_come_with_what_mends_them():
    finding = {"id": "uncovered:a.b", "message": "`a.b` has no verdict", "help": "add\na line"}
    told, out = lines()
    told.error("refused", "refused", pipeline="shop", findings=[finding], manifest="r/m.json")
    assert out.getvalue() == (
        "2026-11-21 03:00:01Z  error    shop: refused\n"
        "    uncovered:a.b: `a.b` has no verdict\n"
        "      help: add\n"
        "      a line\n"
        "    manifest r/m.json\n"
    )
    told, out = lines(as_json=True)
    told.error("refused", "refused", findings=[finding])
    assert json.loads(out.getvalue())["findings"] == [finding]


def test_json_for_programs():
    told, out = lines(as_json=True)
    told.warning("waits", "it\nwaits", pipeline="shop", run="", rows=None, tries=0)
    assert out.getvalue().count("\n") == 1
    assert json.loads(out.getvalue()) == {
        "time": "2026-11-21T03:00:01.000+00:00",
        "level": "warning",
        "event": "waits",
        "pipeline": "shop",
        "tries": 0,
        "message": "it\nwaits",
    }


@pytest.mark.parametrize(
    ("seconds", "words"),
    [(0.4, "0 s"), (59.6, "1 min"), (243, "4 min 3 s"), (7200, "2 h"), (7500, "2 h 5 min")],
)
def test_lengths_of_time(seconds, words):
    assert in_words(seconds) == words
