"""A gate lets through whatever the pattern it was made from matches."""

import inspect
import re
import sys

import polars as pl
import presidio_analyzer.predefined_recognizers as shelf
import pytest
import regex
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from presidio_analyzer import PatternRecognizer

from masker.detect import gates
from masker.detect.presidio.engine import Engine
from masker.detect.presidio.generic import Phone
from masker.detect.presidio.national import COUNTRIES


def passes(gate, text):
    return pl.Series([text]).str.contains(gate).item()


def patterns():
    shipped = [each for name, each in vars(shelf).items()
               if inspect.isclass(each) and issubclass(each, PatternRecognizer)
               and each.__module__.startswith(shelf.__name__) and each is not shelf.UrlRecognizer]  # fmt: skip
    made = [each() for each in shipped]
    made += [each for each in Engine(COUNTRIES).recognizers if not isinstance(each, Phone)]
    for recognizer in made:
        for pattern in recognizer.patterns:
            flags = recognizer.global_regex_flags
            yield pytest.param(pattern.regex, flags, id=f"{recognizer.name}-{pattern.name}")


PATTERNS = list(patterns())


@pytest.mark.parametrize(("pattern", "flags"), PATTERNS)
def test_what_matches_passes(pattern, flags):
    loose = gates.gate([(pattern, bool(flags & re.IGNORECASE))])
    if loose is None:
        return
    plain = regex.compile(pattern, flags)
    text_of = re.sub(r"\(\?i\)", "", pattern)  # generated without look-behinds of open length
    try:
        compiled = re.compile(text_of, re.IGNORECASE)
    except re.error:
        pytest.skip("Python's own engine takes no look-behind of open length")

    @settings(max_examples=12, deadline=None, database=None, derandomize=True,
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(st.from_regex(compiled), st.sampled_from(["", " ", "a", "é", "\n", "0"]))
    def check(text, around):
        for varied in (text, text.lower(), text.upper(), around + text + around):
            if plain.search(varied):
                assert passes(loose, varied)

    check()


def test_most_patterns_have_a_gate():
    without = [p.id for p in PATTERNS if gates.gate([(p.values[0], True)]) is None]
    assert without == []


def test_which_letters_beyond_ascii_are_one_with_ascii_letters():
    ascii_letters = regex.compile("[a-z]", regex.IGNORECASE)
    foreign = {code for code in range(128, sys.maxunicode + 1)
               if not 0xD800 <= code < 0xE000 and ascii_letters.match(chr(code))}  # fmt: skip
    assert foreign <= gates._FOREIGN
    matched = {c for code in gates._FOREIGN for c in map(chr, range(128))
               if regex.match(regex.escape(chr(code)), c, regex.IGNORECASE)}  # fmt: skip
    assert set(map(ord, matched)) <= gates._MANY_CASES


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        (r"\bkey\b", "\u212aEY"),
        (r"(\d)-\1", "x1-1"),
        (r"a{30}b", "a" * 30 + "b"),
        (r"xa{30}b", "x" + "a" * 30 + "b"),
        (r"(?<=id )\d{3}", "id 123"),
        (r"[^a-z]{3}", "123"),
        (r"[Ä-Ü]x", "ÖX"),
        (r"(?i)ab", "AB"),
        (r"\d{4}", "\u0661\u0662\u0663\u0664"),
        (r"\w\s\w", "é\x1cé"),
    ],
)
def test_loosening(pattern, text):
    assert passes(gates.gate([(pattern, True)]), text)


@pytest.mark.parametrize("pattern", [r".*", r"\b", r"(?x) a b", r"[[:alpha:]]", r"\p{L}+", "("])
def test_what_cannot_be_loosened_has_no_gate(pattern):
    assert gates.gate([("abc", True), (pattern, True)]) is None


@pytest.mark.parametrize("text", ["a@", "xyz", "12"])
def test_a_gate_stops_something(text):
    loose = gates.gate([(r"\b\w+@\w+\.\w+\b", True)])
    assert not passes(loose, text)
