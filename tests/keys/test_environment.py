import shlex
import sys

import pytest

from masker.errors import ConfigError
from masker.keys import Keyring

KEY = "b8f9b1a3d0d9f4c05c3e7a1b6d2f8e94a7c6105be83d92f14670ac5d3be1987f"


def printing(code: str) -> str:
    return shlex.join([sys.executable, "-c", code])


def test_none_named():
    assert Keyring.from_environment({"PATH": "/bin"}) is None


def test_each_place_gives_the_same_key(tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    environments = [
        {"MASKER_KEY": KEY},
        {"MASKER_KEY_FILE": str(file)},
        {"MASKER_KEY_COMMAND": printing(f"print('{KEY}')")},
    ]
    keyrings = [Keyring.from_environment(environ) for environ in environments]
    assert {keyring.id for keyring in keyrings} == {Keyring.parse(KEY).id}
    assert not any(keyring.one_way for keyring in keyrings)


REFUSED = {
    "two places": ({"MASKER_KEY": KEY, "MASKER_KEY_FILE": "/x"}, "`MASKER_KEY` and .* set at once"),
    "three places": (
        {"MASKER_KEY": "", "MASKER_KEY_FILE": "", "MASKER_KEY_COMMAND": ""},
        "and `MASKER_KEY_COMMAND` are set at once",
    ),
    "empty variable": ({"MASKER_KEY": ""}, "`MASKER_KEY` is set but empty"),
    "blank file name": ({"MASKER_KEY_FILE": " "}, "`MASKER_KEY_FILE` is set but empty"),
    "no such file": ({"MASKER_KEY_FILE": "/no/such/key"}, "cannot be read: No such file"),
    "a folder": ({"MASKER_KEY_FILE": "/"}, "cannot be read: Is a directory"),
    "no such command": ({"MASKER_KEY_COMMAND": "no-such-vault read key"}, "cannot be started"),
    "open quote": ({"MASKER_KEY_COMMAND": "vault 'read"}, "cannot be split into words"),
    "failing command": (
        {"MASKER_KEY_COMMAND": printing(f"import sys; sys.exit('{KEY}')")},
        "failed with exit code 1",
    ),
    "silent command": ({"MASKER_KEY_COMMAND": printing("pass")}, "is not a key"),
    "bytes": (
        {"MASKER_KEY_COMMAND": printing("import sys; sys.stdout.buffer.write(b'\\xff')")},
        "bytes that are not text",
    ),
    "weak key": ({"MASKER_KEY": "00" * 32}, "not secret"),
}


@pytest.mark.parametrize(("environ", "told"), REFUSED.values(), ids=REFUSED.keys())
def test_refuses(environ, told):
    with pytest.raises(ConfigError, match=told) as error:
        Keyring.from_environment(environ)
    assert error.value.exit_code == 2
    assert error.value.help
    assert KEY not in str(error.value)


@pytest.mark.parametrize(
    "content", [b"\xff\xfe" * 20, b"a" * 5000, KEY.encode() + b"\n# old:\n" + KEY.encode()]
)
def test_a_file_that_is_no_key(tmp_path, content):
    file = tmp_path / "key"
    file.write_bytes(content)
    with pytest.raises(ConfigError) as error:
        Keyring.from_environment({"MASKER_KEY_FILE": str(file)})
    assert KEY not in str(error.value)


def test_an_empty_file_is_named(tmp_path):
    file = tmp_path / "key"
    file.write_text("\n")
    with pytest.raises(ConfigError, match=r"`.*key` named by `MASKER_KEY_FILE` is empty"):
        Keyring.from_environment({"MASKER_KEY_FILE": str(file)})


def test_a_command_that_hangs(monkeypatch):
    monkeypatch.setattr("masker.keys.environment._SECONDS", 0.1)
    with pytest.raises(ConfigError, match="did not end within"):
        Keyring.from_environment({"MASKER_KEY_COMMAND": printing("import time; time.sleep(60)")})
