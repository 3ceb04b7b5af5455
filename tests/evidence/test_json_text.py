"""Json_text: one text per meaning; leaves at the paths that masking changed."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.evidence.json_text import canonical_json, changed_leaves

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=4)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(10**20), 10**20) | TEXT,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(TEXT, some, max_size=3),
)


def canonical(*texts):
    return canonical_json(pl.Series(texts, dtype=pl.String)).to_list()


def changed(*pairs):
    before, after = zip(*pairs, strict=True)
    return changed_leaves(pl.Series(before), pl.Series(after)).to_list()


@given(st.lists(JSON, max_size=4))
def test_spellings_of_one_document_are_one(documents):
    plain = [json.dumps(one) for one in documents]
    other = [json.dumps(one, sort_keys=True, ensure_ascii=False, indent=2) for one in documents]
    assert canonical(*plain) == canonical(*other)


@given(JSON, JSON)
def test_different_documents_stay_apart(one, two):
    texts = [json.dumps(each, sort_keys=True) for each in (one, two)]
    assert (texts[0] == texts[1]) == (len(set(canonical(*texts))) == 1)


@pytest.mark.parametrize(
    ("one", "two", "equal"),
    [
        ("[1.50]", "[1.5]", True),
        ("[1e2]", "[100]", True),
        ("[1]", '["1"]', False),
        ('{"a": 1, "a": 2}', '{"a": 2}', True),
        ('{"a": 1, "a": 2}', '{"a": 1}', False),
        ('{"\\u00000\\u0000": 1}', '{"\\u00000\\u0000": 2}', False),
        ('["\\u00e9"]', '["é"]', True),
        ("[1e999999999999999999999]", "[2e999999999999999999999]", False),
        ("{'a': 1}", "{'a':1}", False),
    ],
)
def test_what_is_equal(one, two, equal):
    first, second = canonical(one, two)
    assert (first == second) == equal


def test_what_is_no_json_stays():
    assert canonical("{", "", "[" * 9_999) == ["{", "", "[" * 9_999]


@pytest.mark.parametrize(
    ("pairs", "leaves"),
    [
        pytest.param([('{"a": "x", "b": "y"}', '{"a": "z", "b": "y"}')], ["x"], id="one path"),
        pytest.param(
            [('["x", "y"]', '["x", "z"]')], ["x", "y"], id="elements of a list share a path"
        ),
        pytest.param(
            [('{"a": "x"}', '{"a": "z"}'), ('{"a": "y"}', '{"a": "y"}')], ["x", "y"], id="once is enough"
        ),
        pytest.param([('{"a": "é"}', '{"a":"\\u00e9"}')], [], id="only spelled otherwise"),
        pytest.param([('{"a": "null"}', '{"a": null}')], ["null"], id="to null"),
        pytest.param([('{"a": 1, "b": true}', '{"a": 2, "b": false}')], [], id="no texts"),
        pytest.param([('{"a": "x"}', '{"b": "x"}')], ["x"], id="another structure"),
        pytest.param([("{oops", "{abcd"), ("{same", "{same")], ["{oops"], id="no JSON"),
        pytest.param([("[]", "[]")], [], id="no leaves"),
    ],
)  # fmt: skip
def test_changed_leaves(pairs, leaves):
    assert changed(*pairs) == leaves
