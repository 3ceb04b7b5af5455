"""Every engine can be loaded, and says so in the same words."""

from importlib import import_module

import pytest

from masker.engines.registry import ENGINES, SCHEMES, engine_named
from masker.load.targets import TARGETS


def test_every_engine_is_in_both_lists():
    assert set(ENGINES) == set(TARGETS) == set(SCHEMES.values())


@pytest.mark.parametrize("name", ENGINES)
def test_what_the_lists_name_is_there(name):
    assert engine_named(name).name == name
    assert callable(import_module(TARGETS[name]).hold)
