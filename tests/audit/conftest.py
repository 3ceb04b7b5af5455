from collections.abc import Iterator

import pytest

from masker.evidence import RunKey


@pytest.fixture
def run_key() -> Iterator[RunKey]:
    key = RunKey.random()
    yield key
    key.forget()
