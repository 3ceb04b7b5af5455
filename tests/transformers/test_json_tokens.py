"""Json_tokens: against the standard library's reader, on documents and on what is none."""

import json

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.transformers.json_document import read
from masker.transformers.json_path import Paths
from masker.transformers.json_tokens import (
    BOOLEAN,
    NULL,
    NUMBER,
    STRING,
    WHOLE,
    Tokens,
    kinds_of,
    strings_of,
    texts_of,
)

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=5)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT,
    lambda some: st.lists(some, max_size=3) | st.dictionaries(TEXT, some, max_size=3),
)  # fmt: skip
FRAGMENTS = st.sampled_from(
    ["{", "}", "[", "]", ",", ":", " ", "\n", '"', "a", '"a"', '"a":', "\\", '\\"', "\\u00e9", "\\u0",
     "0", "1", "-", "-1", ".5", "1.5", "e3", "E+1", "01", "true", "false", "null", "nul", "NaN",
     "Infinity", "\t", "\x0b", "\x01", "ä", "'", "\u00a0"]
)  # fmt: skip


def leaves(node):
    if isinstance(node, dict):
        return [leaf for child in node.values() for leaf in leaves(child)]
    if isinstance(node, list):
        return [leaf for child in node for leaf in leaves(child)]
    return [node]


def is_json(text):
    def refuse(constant):
        raise ValueError(constant)

    try:
        json.loads(text, parse_constant=refuse)
    except ValueError:
        return False
    return True


@given(st.lists(JSON, max_size=4), st.booleans(), st.sampled_from([None, 1]))
def test_leaves_of_documents_in_order(documents, ascii_only, indent):
    texts = [json.dumps(one, ensure_ascii=ascii_only, indent=indent) for one in documents]
    tokens = Tokens.of(pl.Series(texts, dtype=pl.String))
    wanted = [leaves(one) for one in documents]
    assert tokens.counts.tolist() == [len(found) for found in wanted]
    found = [json.loads(leaf) for leaf in tokens.leaves]
    assert found == [leaf for each in wanted for leaf in each]


@given(st.lists(FRAGMENTS, max_size=9).map("".join))
def test_what_is_json_is_what_the_standard_library_takes(text):
    tokens = Tokens.of(pl.Series([text]))
    shape = read(tokens.shapes[tokens.shape.item()], Paths.of([]))
    assert (shape is not None) == is_json(text)


@given(TEXT)
def test_strings_there_and_back(text):
    for spelled in (json.dumps(text), json.dumps(text, ensure_ascii=False)):
        assert texts_of(pl.Series([spelled])).item() == text
    assert strings_of(pl.Series([text])).item() == json.dumps(text, ensure_ascii=False)


@pytest.mark.parametrize(
    ("leaf", "kind"),
    [
        ('"12"', STRING),
        ('"null"', STRING),
        ("12", WHOLE),
        ("-0", WHOLE),
        ("1234567890123456789", NUMBER),
        ("1.0", NUMBER),
        ("1e3", NUMBER),
        ("true", BOOLEAN),
        ("false", BOOLEAN),
        ("null", NULL),
    ],
)
def test_kinds(leaf, kind):
    assert kinds_of(pl.Series([leaf])).item() == kind


def test_documents_of_one_form_have_one_shape():
    tokens = Tokens.of(pl.Series(['{"a": 1, "b": ["x"]}', '{"a": null, "b": ["\\"y: {"]}', "?"]))
    assert tokens.shapes.to_list() == ['{"a": 0, "b": [0]}', ""]
    assert tokens.shape.tolist() == [0, 0, 1]
