"""One key for all tests of this room."""

import pytest

from masker.keys import Keyring

# Drawn once at random; it guards nothing.
TEST_KEY = "b8f9b1a3d0d9f4c05c3e7a1b6d2f8e94a7c6105be83d92f14670ac5d3be1987f"


@pytest.fixture(scope="session")
def keys() -> Keyring:
    return Keyring.parse(TEST_KEY)


@pytest.fixture(scope="session")
def other_keys() -> Keyring:
    return Keyring.ephemeral()
