"""Json: paths, leaves by themselves, closed where nothing names them."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind
from masker.errors import ConfigError, DataError
from masker.transformers import Site, build
from masker.transformers.json_path import PathError, Paths

JSONB = {"kind": Kind.JSON, "base": "jsonb"}


def doc(mask, document, paths, **params):
    text = json.dumps(document, ensure_ascii=False)
    masked = mask("json", [text], {"paths": paths, **params}, **JSONB)
    return json.loads(masked.values.item())


@pytest.mark.parametrize(
    ("path", "found"),
    [
        ("$", {"/", "/a", "/a/b", "/a/0", "/a/0/b"}),
        ("$.a", {"/a"}),
        ("$.a.b", {"/a/b"}),
        ("$['a'].b", {"/a/b"}),
        ('$["a"]["b"]', {"/a/b"}),
        ("$.*", {"/a"}),
        ("$.a[*]", {"/a/0"}),
        ("$.a.*", {"/a/b", "/a/0"}),
        ("$.a[0]", {"/a/0"}),
        ("$.a[1]", set()),
        ("$.a[*].b", {"/a/0/b"}),
        ("$..b", {"/a/b", "/a/0/b"}),
        ("$.a..b", {"/a/b", "/a/0/b"}),
        ("$..a", {"/a"}),
    ],
)
def test_where_a_path_ends(path, found):
    paths = Paths.of([path])
    places = [(), ("a",), ("a", "b"), ("a", 0), ("a", 0, "b")]
    ended = set()
    for place in places:
        state = paths.start
        for key in place:
            state = paths.step(state, key)
        if paths.rule(state) is not None:
            ended.add("/" + "/".join(map(str, place)))
    assert ended == (found if path != "$" else {"/"})


@pytest.mark.parametrize("path", ["a", "$a b", "$.", "$[", "$[x]", "$.a[", "", "$.a b.[", "$.a['b"])
def test_what_is_no_path(path):
    with pytest.raises(PathError):
        Paths.of([path])


def test_every_element_by_itself(mask):
    made = doc(mask, {"tags": ["x", "y", "x"]}, {"$.tags[*]": "token"})
    assert made["tags"][0] == made["tags"][2] != made["tags"][1]


def test_a_leaf_gets_the_fake_of_its_column(mask):
    mail = "anna.schmidt@firma.de"
    column = mask("email", [mail]).values.item()
    assert doc(mask, {"a": {"b": [mail]}}, {"$.a.b[*]": "email"}) == {"a": {"b": [column]}}


def test_a_path_covers_all_below_it_but_what_another_names(mask):
    made = doc(
        mask,
        {"meta": {"a": "x", "b": [1, True], "secret": "y"}},
        {"$.meta": "keep", "$.meta.secret": "redact"},
    )
    assert made == {"meta": {"a": "x", "b": [1, True], "secret": "[redacted]"}}


def test_exact_paths_come_before_wildcards(mask):
    paths = {"$..a": "redact", "$.x.a": "keep", "$.*.a": "null"}
    made = doc(mask, {"x": {"a": 1}, "y": {"a": "s"}}, paths)
    assert made == {"x": {"a": 1}, "y": {"a": "[redacted]"}}


@pytest.mark.parametrize(
    ("unknown", "expected"),
    [
        ("redact", {"s": "[redacted]", "n": 0, "b": False, "z": None, "e": [{}]}),
        ("null", {"s": None, "n": None, "b": None, "z": None, "e": [{}]}),
    ],
)
def test_unknown_leaves_are_closed(mask, unknown, expected):
    document = {"s": "text", "n": 12.5, "b": True, "z": None, "e": [{}]}
    assert doc(mask, document, {}, unknown=unknown) == expected


def test_unknown_leaves_are_scrambled_by_default(mask):
    made = doc(mask, {"s": "Anna 5", "n": 12.5, "i": -7, "b": True, "f": False}, {})
    assert made["s"] != "Anna 5"
    assert len(made["s"]) == 6
    assert 10 <= made["n"] < 100 != made["n"]
    assert -9 <= made["i"] <= -1 != made["i"]
    assert made["b"] is made["f"] is False


def test_unknown_fail_counts_and_shows_nothing(mask):
    with pytest.raises(DataError, match="2 different string leaves of `c`") as failure:
        doc_params = {"paths": {"$.a": "keep"}, "unknown": "fail"}
        mask("json", ['{"a": 1, "b": "secret", "d": "hidden"}'], doc_params, column="c", **JSONB)
    assert "secret" not in str(failure.value)


def test_text_of_kept_numbers_order_and_doubled_keys_stay(mask):
    text = (
        '{"z": 1.50, "a": 10000000000000000000000.0, "e": 1e5, "z": -0, "é": ["\\n\\"\\u0001", ""]}'
    )
    masked = mask("json", [text], {"paths": {"$": "keep"}}, **JSONB)
    assert masked.values.item() == text.replace("\\u0001", "\\u0001")
    assert masked.chance == 1


@pytest.mark.parametrize("number", ["1e5", "1.5E-7", "-2e+3"])
def test_numbers_with_an_exponent_are_not_passed_through(mask, number):
    made = mask("json", [f'{{"n": {number}}}'], {"paths": {}}, **JSONB).values.item()
    assert number not in made
    assert isinstance(json.loads(made)["n"], int)


def test_numbers_do_not_depend_on_their_neighbours(mask):
    texts = ['{"n": 12}', '{"n": 3.5}', '{"n": 1e9}', '{"n": -0}', '{"n": 12345678901234567890}']
    for paths in ({}, {"$.n": "digits"}, {"$.n": "redact"}):
        whole = mask("json", texts, {"paths": paths}, **JSONB).values.to_list()
        each = [mask("json", [text], {"paths": paths}, **JSONB).values.item() for text in texts]
        assert whole == each


def test_rules_that_do_the_same_agree(mask):
    paths = {
        "$.a": "full_name",
        "$.b": {"use": "full_name"},
        "$.c": {"use": "full_name", "domain": "x"},
    }
    made = doc(mask, dict.fromkeys("abc", "Anna Schmidt"), paths)
    assert made["a"] == made["b"] != made["c"]


def test_half_a_surrogate_pair_is_no_text(mask):
    text = r'{"\ud800": "\udfff x", "k": "\ud83d\ude00"}'
    kept = mask("json", [text], {"paths": {"$.k": "keep"}}, base="json", kind=Kind.JSON)
    assert kept.values.item().startswith(r'{"\ud800": "')
    assert kept.values.item().endswith(r'"k": "\ud83d\ude00"}')
    assert json.loads(kept.values.item())["\ud800"] != "\udfff x"
    assert kept.unparsed == 0


@pytest.mark.parametrize("values", [[], [None, None]])
def test_columns_without_documents(mask, values):
    assert mask("json", values, {"paths": {}}, **JSONB).values.to_list() == values


def test_a_number_stays_a_number_where_it_can(mask):
    made = doc(mask, {"phone": 4158675309, "id": 7}, {"$.phone": "phone", "$.id": "token"})
    assert isinstance(made["phone"], int)
    assert isinstance(made["id"], str)


@pytest.mark.parametrize(
    "text", ["", "nope", "{", "[NaN]", '{"a": Infinity}', "[" * 100_000, "{'a': 1}"]
)
def test_what_is_no_document(mask, text):
    masked = mask("json", [text, None], {"paths": {}})
    assert masked.values[0] != text or not text
    assert masked.unparsed == (1 if text else 0)
    broken = mask("json", [text], {"paths": {}}, **JSONB)
    assert broken.values.item() == "null"


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda some: st.lists(some, max_size=3) | st.dictionaries(st.text("ab", max_size=2), some, max_size=3),
)  # fmt: skip


def leaves(node):
    if isinstance(node, dict):
        return [leaf for child in node.values() for leaf in leaves(child)]
    if isinstance(node, list):
        return [leaf for child in node for leaf in leaves(child)]
    return [node]


def frame(node):
    if isinstance(node, dict):
        return {key: frame(child) for key, child in node.items()}
    return [frame(child) for child in node] if isinstance(node, list) else None


@given(JSON)
def test_structure_stays_and_no_leaf_does(mask, document):
    made = doc(mask, document, {})
    assert frame(made) == frame(document)
    for old, new in zip(leaves(document), leaves(made), strict=True):
        assert (old is None) == (new is None)
        if isinstance(old, str) and old.strip():
            assert old != new
        if isinstance(old, bool):
            assert new is False


@given(JSON)
def test_keep_keeps(mask, document):
    assert doc(mask, document, {"$": "keep"}) == document


@pytest.mark.parametrize(
    ("paths", "told"),
    [
        ({"a": "email"}, ["`a` cannot be read", "begins with `$`"]),
        ({"$.a": "emial"}, ["there is no transformer `emial`", "did you mean `email`"]),
        ({"$.a": None}, ["`$.a` needs a verdict"]),
        ({"$.a": {"with": {}}}, ["`$.a` needs a verdict"]),
        ({"$.a": {"use": "token", "width": 3}}, ["`width` of `$.a` is none of use, with, domain"]),
        ({"$.a": {"use": "token", "with": {"lenght": 3}}}, ["at `$.a`", "did you mean `length`"]),
        ({"$.a": {"use": "token", "with": 3}}, ["takes a mapping"]),
        ({"$.a": {"use": "shift_date", "with": {"per": "x"}}}, ["reads another column"]),
        ({"$.a": "recompute"}, ["does not work inside a document"]),
        ({"$.a": "emial", "b": "email"}, ["`emial`", "begins with `$`"]),
    ],
)
def test_wrong_paths(paths, told):
    with pytest.raises(ConfigError) as failure:
        build("json", {"paths": paths})
    for words in told:
        assert words in str(failure.value)


def test_what_the_paths_transformers_say_is_said_with_the_path():
    transformer = build(
        "json",
        {"paths": {"$.card": {"use": "card", "with": {"range": "format"}}, "$.name": "full_name"}},
    )
    assert transformer.cautions(Site(**JSONB))[0][1].startswith("at `$.card`: ")
    assert transformer.pools(Site(**JSONB))


def test_a_domain_of_its_own(mask):
    one = doc(mask, {"a": "x"}, {"$.a": {"use": "token", "domain": "one"}})
    two = doc(mask, {"a": "x"}, {"$.a": {"use": "token", "domain": "two"}})
    assert one != two
