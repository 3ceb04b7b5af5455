"""Durations, sizes and shares as people write them in a pipeline."""

from __future__ import annotations

import re
from datetime import timedelta

_SECONDS = {"ms": 0.001, "s": 1, "m": 60, "min": 60, "h": 3600, "d": 86_400, "w": 604_800}
_PART = re.compile(r"([0-9]{1,9}(?:\.[0-9]{1,6})?)(ms|min|s|m|h|d|w)")
_DURATION = re.compile(f"(?:{_PART.pattern})+")
_BYTES = {
    "": 1, "B": 1, "KB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12,
    "KIB": 2**10, "MIB": 2**20, "GIB": 2**30, "TIB": 2**40,
}  # fmt: skip
_SIZE = re.compile(
    r"(?P<number>[0-9]{1,15}(?:\.[0-9]{1,6})?) ?(?P<unit>[KMGT]?I?B|)", re.IGNORECASE
)
_SHARE = re.compile(r"(?P<number>[0-9]{1,3}(?:\.[0-9]{1,9})?)(?P<percent>%?)")


def duration(written: object) -> timedelta:
    """Return a duration such as `500ms`, `60s`, `15min`, `2h`, `30d` or `1h30m`.

    Raises ValueError for anything else; a bare number has no unit.
    """
    if isinstance(written, timedelta):
        return written
    if not isinstance(written, str) or not _DURATION.fullmatch(written):
        raise ValueError("is not a duration such as `60s`, `15min`, `2h` or `30d`")
    seconds = sum(float(number) * _SECONDS[unit] for number, unit in _PART.findall(written))
    try:
        return timedelta(seconds=seconds)
    except OverflowError:
        raise ValueError("is longer than any run") from None


def size(written: object) -> int:
    """Return a size in bytes, written as `500MB`, `20GiB` or a plain number of bytes."""
    match = _SIZE.fullmatch(str(written)) if isinstance(written, str | int) else None
    if match is None or isinstance(written, bool):
        raise ValueError("is not a size such as `500MB` or `20GiB`")
    return int(float(match["number"]) * _BYTES[match["unit"].upper()])


def share(written: object) -> float:
    """Return a share above 0 and up to 1, written as `5%` or `0.05`."""
    match = _SHARE.fullmatch(str(written)) if isinstance(written, str | int | float) else None
    number = float(match["number"]) / (100 if match["percent"] else 1) if match else 0.0
    if isinstance(written, bool) or not 0 < number <= 1:
        raise ValueError("is not a share such as `5%` or `0.05`")
    return number
