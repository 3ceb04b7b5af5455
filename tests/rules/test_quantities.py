"""Durations, sizes and shares as people write them."""

import contextlib
from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.rules.quantities import duration, share, size


@pytest.mark.parametrize(
    ("read", "written", "value"),
    [
        (duration, "500ms", timedelta(milliseconds=500)),
        (duration, "60s", timedelta(minutes=1)),
        (duration, "15min", timedelta(minutes=15)),
        (duration, "2h", timedelta(hours=2)),
        (duration, "1h30m", timedelta(hours=1, minutes=30)),
        (duration, "0.5d", timedelta(hours=12)),
        (duration, "2w", timedelta(days=14)),
        (size, "500MB", 500_000_000),
        (size, "20GiB", 20 * 2**30),
        (size, "1.5 kb", 1500),
        (size, 4096, 4096),
        (share, "5%", 0.05),
        (share, "0.05", 0.05),
        (share, 1, 1.0),
        (share, "100%", 1.0),
    ],
)
def test_written(read, written, value):
    assert read(written) == value


@pytest.mark.parametrize(
    ("read", "written"),
    [
        *((duration, each) for each in ("", "60", 60, "h", "2 h", "-1h", "2x", "1h-", True, None)),
        *((size, each) for each in ("", "big", "-1MB", "5XB", True, None)),
        *((share, each) for each in ("", "0%", 0, "101%", "1.5", "-5%", True, None)),
    ],
)
def test_not_written(read, written):
    with pytest.raises(ValueError, match="is not a"):
        read(written)


@given(st.text(max_size=12))
@pytest.mark.parametrize("read", [duration, size, share])
def test_anything_else_is_no_quantity(read, text):
    with contextlib.suppress(ValueError):
        assert read(text) is not None
