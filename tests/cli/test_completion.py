"""Shells complete commands and options."""

import os
import subprocess
import sys

import pytest


@pytest.mark.parametrize(
    ("words", "offered"),
    [("masker sn", {"snapshot"}), ("masker snapshot --fo", {"--format"}), ("masker lo", {"load"})],
)
def test_bash_is_told_what_may_follow(words, offered):
    done = subprocess.run(
        [sys.executable, "-m", "masker"],
        env={
            **os.environ,
            "_MASKER_COMPLETE": "complete_bash",
            "COMP_WORDS": words,
            "COMP_CWORD": str(len(words.split()) - 1),
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert set(done.stdout.split()) == offered
