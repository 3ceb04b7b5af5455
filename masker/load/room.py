"""Whether there is room for a new database beside the target."""

from __future__ import annotations

from collections.abc import Iterator

from masker.findings import Finding, error, note
from masker.plan.model import Plan
from masker.rules.policy import Treatment

ROOM = 1.3  # times the expected size: the rows, their indexes while they are built, the log


def expected_size(plan: Plan) -> int | None:
    """Return the size in bytes of what a plan loads, None when nobody knows."""
    sizes = [step.bytes for step in plan.steps if step.treatment is Treatment.LOAD]
    known = [size for size in sizes if size is not None]
    return sum(known) if known else None


def check_room(expected: int | None, free: int | None, *, database: str) -> Iterator[Finding]:
    """Yield an error where the free bytes of a disk are too few, a note where they are unknown."""
    if expected is None:
        return
    need = round(expected * ROOM)
    if free is None:
        yield note(
            "free-space-unknown",
            f"the target needs about {_size(need)} of free disk; how much there is is unknown",
            subject=database,
            help="declare it as `target.disk:`",
        )
    elif free < need:
        yield error(
            "no-room",
            f"the target needs about {_size(need)} of free disk and has {_size(free)}",
            subject=database,
            help="free disk space; a copy kept from the last run can go with `keep_previous: 0`",
        )


def _size(count: int) -> str:
    amount = float(count)
    for unit in ("bytes", "KiB", "MiB", "GiB"):
        if amount < 1024:  # noqa: PLR2004 - the step between units
            return f"{amount:.0f} {unit}" if unit == "bytes" else f"{amount:.1f} {unit}"
        amount /= 1024
    return f"{amount:.1f} TiB"
