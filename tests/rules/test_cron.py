"""Cron lines: what they mean, held against a minute-by-minute reading of crontab(5), and clocks that are set."""

import re
from datetime import UTC, datetime, timedelta
from itertools import islice
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.rules.cron import Cron

BERLIN = ZoneInfo("Europe/Berlin")


def following(line, begin, n, zone=BERLIN):
    start = datetime.fromisoformat(begin).replace(tzinfo=zone)
    moments = islice(Cron.parse(line).moments(start, zone), n)
    return [moment.astimezone(zone).isoformat(timespec="minutes") for moment in moments]


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        pytest.param("0 3 * * *", ["11-21T03:00", "11-22T03:00"], id="nightly"),
        pytest.param("@daily", ["11-21T00:00", "11-22T00:00"], id="a short word"),
        pytest.param("*/20 8 * * *", ["11-21T08:00", "11-21T08:20"], id="steps"),
        pytest.param("5/30 8 * * *", ["11-21T08:05", "11-21T08:35"], id="steps from a number"),
        pytest.param("0 3 * * 0", ["11-22T03:00", "11-29T03:00"], id="Sunday is 0"),
        pytest.param("0 3 * * 7", ["11-22T03:00", "11-29T03:00"], id="Sunday is 7"),
        pytest.param("0 3 * * 1-5", ["11-23T03:00", "11-24T03:00"], id="1 to 5 are working days"),
        pytest.param("0 3 * * FRI-sun", ["11-21T03:00", "11-22T03:00"], id="names"),
        pytest.param("0 3 1 feb,dec *", ["12-01T03:00", "02-01T03:00"], id="months"),
        pytest.param("0 3 25 * mon", ["11-23T03:00", "11-25T03:00"], id="either day is enough"),
        pytest.param("0 3 */2 * mon", ["11-23T03:00", "12-07T03:00"], id="a star limits nothing"),
    ],
)
def test_what_a_line_means(line, expected):
    found = following(line, "2026-11-20T12:00", 2, UTC)
    assert [moment[5:16] for moment in found] == expected


def test_a_leap_day_across_a_century_without_one():
    assert following("0 3 29 2 *", "2097-01-01T00:00", 1, UTC) == ["2104-02-29T03:00+00:00"]


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("0 3 * *", "five fields"),
        ("0 25 * * *", "`25` as its hour, which goes from 0 to 23"),
        ("60 3 * * *", "`60` as its minute"),
        ("0 3 0 * *", "`0` as its day of the month"),
        ("0 3 * * mno", "did you mean `mon`"),
        ("0 3 * foo *", "`foo` as its month"),
        ("0 3 * * mon-fri/x", "day of the week"),
        ("0 3 ? * *", "`?` as its day of the month"),
        ("0 3 1,,2 * *", "day of the month"),
        ("*/0 3 * * *", "a step of 0"),
        ("0 5-2 * * *", "ends too early"),
        ("0 3 31 2 *", "a day that no month has"),
        ("0 ٣ * * *", "as its hour"),
    ],
)
def test_what_is_wrong_with_a_line(line, said):
    with pytest.raises(ValueError, match=re.escape(said)):
        Cron.parse(line)


class TestClocksSetForward:
    """On 29 March 2026 Berlin's clocks go from 02:00 to 03:00."""

    def test_a_time_that_is_left_out_is_not_lost(self):
        assert following("30 2 * * *", "2026-03-28T00:00", 3) == [
            "2026-03-28T02:30+01:00",
            "2026-03-29T03:30+02:00",
            "2026-03-30T02:30+02:00",
        ]

    def test_a_line_for_every_hour_leaves_it_out(self):
        assert following("*/30 * * * *", "2026-03-29T01:00", 3) == [
            "2026-03-29T01:30+01:00",
            "2026-03-29T03:00+02:00",
            "2026-03-29T03:30+02:00",
        ]


class TestClocksSetBack:
    """On 25 October 2026 Berlin's clocks go from 03:00 to 02:00."""

    def test_a_time_that_comes_twice_is_the_first(self):
        assert following("30 2 * * *", "2026-10-24T12:00", 2) == [
            "2026-10-25T02:30+02:00",
            "2026-10-26T02:30+01:00",
        ]

    def test_a_line_for_every_hour_has_both(self):
        assert following("30 * * * *", "2026-10-25T01:00", 4) == [
            "2026-10-25T01:30+02:00",
            "2026-10-25T02:30+02:00",
            "2026-10-25T02:30+01:00",
            "2026-10-25T03:30+01:00",
        ]


def fields(low, high):
    number = st.integers(low, high)
    return st.one_of(
        st.just("*"),
        st.sampled_from([2, 3, 5, 7]).map(lambda step: f"*/{step}"),
        st.lists(number, min_size=1, max_size=3).map(lambda each: ",".join(map(str, each))),
        st.tuples(number, number).map(sorted).map(lambda ends: f"{ends[0]}-{ends[1]}"),
    )


LINES = st.tuples(fields(0, 59), fields(0, 23), fields(1, 28), fields(1, 12), fields(0, 6)).map(
    " ".join
)


def plain(line, begin, minutes):
    """Return the matching minutes of a clock that is never set: the manual, read literally."""
    cron = Cron.parse(line)
    for minute in range(minutes):
        now = begin + timedelta(minutes=minute + 1)
        day, weekday = now.day in cron.days, now.isoweekday() % 7 in cron.weekdays
        if (
            now.minute in cron.minutes
            and now.hour in cron.hours
            and now.month in cron.months
            and ((day or weekday) if cron.either else (day and weekday))
        ):
            yield now


@given(line=LINES, month=st.integers(1, 12))
def test_in_a_zone_without_changes_it_is_the_manual_word_for_word(line, month):
    begin = datetime(2026, month, 9, 23, 17, tzinfo=UTC)
    end = begin + timedelta(days=2)
    found = []
    for moment in Cron.parse(line).moments(begin, UTC):
        if moment > end:
            break
        found.append(moment)
    assert found == list(plain(line, begin, 2 * 24 * 60))


@given(
    line=LINES,
    zone=st.sampled_from(
        ["Europe/Berlin", "America/St_Johns", "Australia/Lord_Howe", "Antarctica/Troll"]
    ),
    day=st.integers(0, 364),
)
def test_in_every_zone_moments_come_in_order_and_show_the_time_unless_it_was_left_out(
    line, zone, day
):
    place = ZoneInfo(zone)
    begin = datetime(2026, 1, 1, 5, tzinfo=UTC) + timedelta(days=day)
    cron = Cron.parse(line)
    moments = list(islice(cron.moments(begin, place), 25))
    assert moments == sorted(set(moments))
    assert all(moment > begin for moment in moments)
    for moment in moments:
        wall = moment.astimezone(place)
        if wall.minute in cron.minutes and wall.hour in cron.hours:
            continue
        before = moment - timedelta(hours=3)
        assert before.astimezone(place).utcoffset() != wall.utcoffset()
