"""Cron lines of five fields: read with complaints, and the moments that they mean in a time zone.

A line means what crontab(5) says: Sunday is 0 or 7, and where day of the month and day of the week
are both limited, either is enough. APScheduler walks the calendar; it counts weekdays from Monday
and wants both days to fit, so it gets each field as plain numbers, and one trigger per kind of day.
"""

from __future__ import annotations

import heapq
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import TYPE_CHECKING

from masker.rules.places import closest

if TYPE_CHECKING:
    from apscheduler.triggers.cron import CronTrigger

_SHORT: Mapping[str, str] = {
    "@hourly": "0 * * * *",
    "@daily": "0 0 * * *",
    "@midnight": "0 0 * * *",
    "@weekly": "0 0 * * 0",
    "@monthly": "0 0 1 * *",
}
_YEAR = "jan feb mar apr may jun jul aug sep oct nov dec"
_MONTHS = {name: number for number, name in enumerate(_YEAR.split(), 1)}
_DAYS = "sun mon tue wed thu fri sat"
_WEEKDAYS = {name: number for number, name in enumerate(_DAYS.split())}
_PART = re.compile(r"(?:(?P<all>\*)|(?P<first>\w+)(?:-(?P<last>\w+))?)(?:/(?P<step>[0-9]{1,3}))?")
_WEEK = 7
# More than clocks are ever set forward or back by: moments within it may come in another order.
_SLACK = timedelta(hours=3)
_HORIZON = timedelta(days=9 * 366)  # 29 February may be eight years off


@dataclass(frozen=True, slots=True)
class Cron:
    """The minutes, hours, days, months and weekdays (0 is Sunday) of a line."""

    minutes: frozenset[int]
    hours: frozenset[int]
    days: frozenset[int]
    months: frozenset[int]
    weekdays: frozenset[int]
    either: bool  # both kinds of day are limited, so that one of them is enough

    @classmethod
    def parse(cls, written: str) -> Cron:
        """Read a line such as `0 3 * * mon-fri`; ValueError says what is wrong with it."""
        fields = _SHORT.get(written.strip().lower(), written).split()
        if len(fields) != len(_FIELDS):
            raise ValueError("is not a cron line of five fields, such as `0 3 * * *`")
        minutes, hours, days, months, weekdays = (
            field.read(text) for field, text in zip(_FIELDS, fields, strict=True)
        )
        made = cls(
            minutes,
            hours,
            days,
            months,
            frozenset(day % _WEEK for day in weekdays),
            either=not fields[2].startswith("*") and not fields[4].startswith("*"),
        )
        if next(made.moments(datetime(2000, 1, 1, tzinfo=UTC), UTC), None) is None:
            raise ValueError("names a day that no month has")
        return made

    def moments(self, after: datetime, zone: tzinfo) -> Iterator[datetime]:
        """Yield the moments later than `after`, in order and in UTC.

        Where clocks are set forward, a time that is left out is the moment that it would have
        been, so that a nightly run is not lost. Where they are set back, a time that comes twice
        is the first of the two, except that a line for every hour has both.
        """
        waiting: list[datetime] = []
        seen = after.astimezone(UTC)
        for wall in self._walls(after.astimezone(zone).replace(tzinfo=None) - _SLACK):
            for moment in self._at(wall, zone):
                heapq.heappush(waiting, moment)
            settled = wall.replace(tzinfo=zone).astimezone(UTC) - _SLACK
            while waiting and waiting[0] <= settled:
                moment = heapq.heappop(waiting)
                if moment > seen:
                    seen = moment
                    yield moment
        for moment in sorted(waiting):
            if moment > seen:
                seen = moment
                yield moment

    def _at(self, wall: datetime, zone: tzinfo) -> Iterator[datetime]:
        """Yield the moments at which a clock of the zone shows a time."""
        first = wall.replace(tzinfo=zone).astimezone(UTC)
        yield first
        if len(self.hours) == 24:  # noqa: PLR2004 - every hour of a day
            second = wall.replace(tzinfo=zone, fold=1).astimezone(UTC)
            if second > first:
                yield second

    def _walls(self, begin: datetime) -> Iterator[datetime]:
        """Yield the times that the line names on a clock that is never set, in order."""
        triggers = self._triggers(begin.replace(tzinfo=UTC) + _HORIZON)
        now = begin.replace(tzinfo=UTC)
        while True:
            found = [each.get_next_fire_time(None, now) for each in triggers]
            known = [moment for moment in found if moment is not None]
            if not known:
                return
            soonest: datetime = min(known)
            yield soonest.replace(tzinfo=None)
            now = soonest + timedelta(minutes=1)

    def _triggers(self, end: datetime) -> list[CronTrigger]:
        from apscheduler.triggers.cron import CronTrigger  # noqa: PLC0415 - when a schedule is read

        always = {
            "minute": _listed(self.minutes, 60),
            "hour": _listed(self.hours, 24),
            "month": _listed(self.months, 12),
            "timezone": UTC,
            "end_date": end,
        }
        day = {"day": _listed(self.days, 31)}
        weekday = {"day_of_week": _listed(frozenset((d - 1) % _WEEK for d in self.weekdays), _WEEK)}
        ways = (day, weekday) if self.either else ({**day, **weekday},)
        return [CronTrigger(**always, **way) for way in ways]


def _listed(numbers: frozenset[int], every: int) -> str:
    return "*" if len(numbers) == every else ",".join(map(str, sorted(numbers)))


@dataclass(frozen=True, slots=True)
class _Field:
    """One of the five: what it is called, how far it goes, and the names of its numbers."""

    name: str
    low: int
    high: int
    names: Mapping[str, int]

    def read(self, text: str) -> frozenset[int]:
        """Return the numbers that the field of a line stands for."""
        return frozenset(number for part in text.split(",") for number in self._part(part))

    def _part(self, part: str) -> range:
        match = _PART.fullmatch(part)
        if match is None:
            raise ValueError(
                f"has `{part}` as its {self.name}: write a number, `*`, a range such as "
                f"`{self.low}-{self.low + 4}`, a step such as `*/2`, or several with commas"
            )
        step = int(match["step"] or 1)
        if step == 0:
            raise ValueError(f"has a step of 0 in its {self.name}")
        if match["all"]:
            return range(self.low, (_WEEK if self.high == _WEEK else self.high + 1), step)
        first = self._number(match["first"])
        if match["last"]:
            last = self._number(match["last"])
        else:
            last = self.high if match["step"] else first
        if last == 0 and first and self.high == _WEEK:
            last = _WEEK  # fri-sun
        if last < first:
            raise ValueError(f"has the range `{part}` as its {self.name}, which ends too early")
        return range(first, last + 1, step)

    def _number(self, written: str) -> int:
        known = self.names.get(written.lower())
        if known is not None:
            return known
        if not (written.isascii() and written.isdigit()):
            near = closest(written.lower(), self.names)
            raise ValueError(f"has `{written}` as its {self.name}" + (f"; {near}" if near else ""))
        if not self.low <= int(written) <= self.high:
            raise ValueError(
                f"has `{written}` as its {self.name}, which goes from {self.low} to {self.high}"
            )
        return int(written)


_FIELDS = (
    _Field("minute", 0, 59, {}),
    _Field("hour", 0, 23, {}),
    _Field("day of the month", 1, 31, {}),
    _Field("month", 1, 12, _MONTHS),
    _Field("day of the week", 0, _WEEK, _WEEKDAYS),
)
