"""The list of transformers: names, parameters, every complaint at once."""

import subprocess
import sys

import pytest

from masker.errors import ConfigError
from masker.transformers import registry
from masker.transformers.token import Token


def test_names_are_sorted():
    assert list(registry.names()) == sorted(registry.names())
    assert {"null", "constant", "email", "phone", "json", "recompute"} <= set(registry.names())


def test_names_load_no_transformer():
    code = (
        "import sys; from masker.transformers import registry; registry.names();"
        "print([m for m in sys.modules if m.startswith('masker.transformers.')])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    loaded = eval(done.stdout)
    assert sorted(loaded) == [f"masker.transformers.{m}" for m in ("base", "params", "registry")]


def test_an_unknown_name_gets_the_nearest():
    with pytest.raises(ConfigError, match="did you mean `email`") as failure:
        registry.get("emial")
    assert "`emial`" in failure.value.message


def test_a_name_that_nothing_resembles():
    with pytest.raises(ConfigError, match="masker show"):
        registry.get("zzzzzz")


@pytest.mark.parametrize(
    ("use", "params", "told"),
    [
        ("token", {"lenght": 20}, ["no parameter `lenght`", "did you mean `length`?"]),
        ("token", {"length": "20"}, ["`length` of `token` must be a whole number, not this text"]),
        ("token", {"length": True}, ["must be a whole number, not true or false"]),
        ("token", {"length": 4}, ["must lie in 8..51"]),
        ("token", {"prefix": None}, ["`prefix` of `token` must be text, not empty"]),
        ("token", {"length": [1], "prefx": 1}, ["whole number, not a list", "mean `prefix`"]),
        ("card", {"range": "life"}, ["`range` of `card` must be one of `test`, `format`"]),
        ("constant", {}, ["`constant` needs the parameter `value`"]),
        ("digits", {"x": 1}, ["no parameter `x`", "it takes none"]),
        ("shift_date", {"within": "30"}, ["a duration such as 30d"]),
        ("json", {"paths": []}, ["`paths` of `json` must be a mapping, not a list"]),
        ("national_id", {"number": "us_sns"}, ["must be one of `us_ssn`"]),
        ("national_id", {"number": "ch_ahv"}, ["no numbers of `ch_ahv` are reserved for tests"]),
    ],
)
def test_wrong_parameters(use, params, told):
    with pytest.raises(ConfigError) as failure:
        registry.build(use, params)
    for words in told:
        assert words in str(failure.value)


def test_a_transformer_is_built_with_its_parameters():
    assert registry.build("token", {"length": 30}) == Token(length=30)
    assert registry.build("token") == Token()


def test_a_second_registration_names_both_owners():
    with pytest.raises(ConfigError) as failure:
        registry.register(
            {"email": "a:A"}, [("email", "b:B", "house-rules"), ("fax", "c:C", "house-rules")]
        )
    assert "`house-rules` and `masker` both bring a transformer named `email`" in str(failure.value)


def test_plug_ins_join_the_list():
    joined = registry.register({"email": "a:A"}, [("fax", "c:C", "house-rules")])
    assert joined == {"email": "a:A", "fax": "c:C"}


def test_two_plug_ins_of_one_name():
    with pytest.raises(ConfigError, match="`two` and `one`"):
        registry.register({}, [("fax", "a:A", "one"), ("fax", "b:B", "two")])


def test_the_reference_names_every_transformer_and_parameter():
    text = registry.reference()
    for name in registry.BUILT_IN:
        assert f"### `{name}`" in text
        for param in registry.get(name).params:
            assert f"| `{param.name}` |" in text
