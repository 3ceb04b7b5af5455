"""`keys`: make one, show the id of the one in use, never the key."""

import subprocess

import pytest

from tests.cli.conftest import KEY


def test_new_keys_are_fit_and_different(masker):
    first, second = masker("keys", "new"), masker("keys", "new")
    assert first.code == second.code == 0
    assert first.out != second.out
    for said in (first, second):
        assert masker("keys", "id", MASKER_KEY=said.out.strip()).code == 0


def test_the_id_is_the_same_wherever_the_key_comes_from(masker, monkeypatch, tmp_path):
    file = tmp_path / "key"
    file.write_text(KEY + "\n")
    ids = set()
    for name, value in (
        ("MASKER_KEY", KEY),
        ("MASKER_KEY_FILE", str(file)),
        ("MASKER_KEY_COMMAND", f"cat {file}"),
    ):
        ids.add(masker("keys", "id", **{name: value}).out)
        monkeypatch.delenv(name)
    (one,) = ids
    assert KEY not in one
    assert len(one.strip()) < 40


def test_no_key_is_told_with_the_command_that_makes_one(masker):
    said = masker("keys", "id")
    assert said.code == 2
    assert "masker keys new" in said.err


@pytest.mark.parametrize(
    "content", ["short", "00" * 32, "\x00" * 32], ids=["short", "equal", "bytes"]
)
def test_a_file_without_a_key_is_refused_and_not_printed(masker, tmp_path, content):
    (tmp_path / "key").write_text(content)
    said = masker("keys", "id", MASKER_KEY_FILE=str(tmp_path / "key"))
    assert said.code == 2
    assert content not in said.text


def test_a_key_of_another_program_s_making(masker):
    made = subprocess.run(
        ["openssl", "rand", "-base64", "32"], capture_output=True, text=True, check=False
    )
    if made.returncode:
        pytest.skip("openssl is not there")
    assert masker("keys", "id", MASKER_KEY=made.stdout.strip()).code == 0
