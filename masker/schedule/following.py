"""When pipelines are due next, for a look without a scheduler."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from zoneinfo import ZoneInfo

from masker.rules.cron import Cron
from masker.rules.sections import Schedule
from masker.schedule.files import Read


def following(reads: tuple[Read, ...], *, now: datetime) -> Mapping[str, Iterator[datetime]]:
    """Return the moments to come of each pipeline that has a schedule, in its time zone."""
    return {
        each.pipeline.name: _moments(each.pipeline.schedule, now)
        for each in reads
        if each.pipeline and each.pipeline.schedule
    }


def _moments(schedule: Schedule, now: datetime) -> Iterator[datetime]:
    zone = ZoneInfo(schedule.timezone)
    return (moment.astimezone(zone) for moment in Cron.parse(schedule.cron).moments(now, zone))
