"""What tests of transformers share: one key, and a way to mask a list of values."""

import polars as pl
import pytest

from masker.keys import Keyring
from masker.transformers import Masked, Site, build

KEY = "8f1c6a2b3d4e5f60718293a4b5c6d7e8f90123456789abcdef0fedcba9876543"


@pytest.fixture(scope="session")
def keys() -> Keyring:
    return Keyring.parse(KEY)


@pytest.fixture(scope="session")
def mask(keys):
    """Mask values by a transformer's name: `mask("card", [...], {"range": "format"}, length=20)`."""

    def run(use, values, params=None, *, others=None, **site) -> Masked:
        series = pl.Series("c", values, dtype=pl.String)
        columns = {
            name: pl.Series(name, column, dtype=pl.String)
            for name, column in (others or {}).items()
        }
        return build(use, params or {}).apply(series, site=Site(**site), keys=keys, others=columns)

    return run
