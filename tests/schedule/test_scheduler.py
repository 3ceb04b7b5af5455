"""The scheduler under a controlled clock: days, clocks that are set, missed runs, crashes, conflicts."""

import errno
from datetime import UTC, timedelta
from itertools import pairwise
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from masker.errors import ConfigError
from masker.schedule.end import End
from masker.schedule.status import read_status
from tests.schedule.conftest import MINUTE, World, failed, published

BERLIN = ZoneInfo("Europe/Berlin")
NIGHTLY = '{cron: "0 3 * * *"}'


def _forbidden(*_):
    raise PermissionError(errno.EACCES, "Permission denied")


class TestDays:
    def test_a_nightly_run_over_a_week(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-27T12:00Z")
        assert world.times() == [f"11-{day} 03:00" for day in range(21, 28)]
        assert world.outcomes() == ["published"] * 7

    def test_several_pipelines_each_at_its_time(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.write("crm", '{cron: "30 1 * * mon-fri", timezone: Europe/Berlin}')
        world.start()
        world.go_on("2026-11-24T12:00Z")
        assert world.times("shop") == [f"11-{day} 03:00" for day in range(21, 25)]
        assert world.times("crm", BERLIN) == ["11-23 01:30", "11-24 01:30"]

    def test_clocks_set_forward_lose_no_run(self, make_world):
        world = make_world("2026-03-27T12:00Z")
        world.write("shop", '{cron: "30 2 * * *", timezone: Europe/Berlin}')
        world.start()
        world.go_on("2026-03-31T12:00Z")
        assert world.times(zone=BERLIN) == [
            "03-28 02:30",
            "03-29 03:30",
            "03-30 02:30",
            "03-31 02:30",
        ]

    def test_clocks_set_back_run_once(self, make_world):
        world = make_world("2026-10-23T12:00Z")
        world.write("shop", '{cron: "30 2 * * *", timezone: Europe/Berlin}')
        world.start()
        world.go_on("2026-10-27T12:00Z")
        assert world.times(zone=BERLIN) == [f"10-{day} 02:30" for day in range(24, 28)]
        assert len(set(world.begun)) == 4

    def test_jitter_is_never_early_and_never_more_than_it_says(self, make_world):
        world = make_world("2026-11-01T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", jitter: 30min}')
        world.start()
        world.go_on("2026-11-21T12:00Z")
        late = [moment - due for moment, _, due in world.begun]
        assert len(late) == 20
        assert all(timedelta(0) <= each <= 31 * MINUTE for each in late)
        assert len({each.total_seconds() // 60 for each in late}) > 5
        assert "missed" not in world.said


class TestMissed:
    def test_a_missed_run_is_made_up_for_once(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *", catch_up: 6h}')
        world.start()
        world.go_on("2026-11-20T14:30Z")
        world.sleep("2026-11-20T18:20Z")
        world.start()
        world.go_on("2026-11-20T20:30Z")
        assert world.times() == [
            f"11-20 {at}" for at in ("13:00", "14:00", "18:20", "19:00", "20:00")
        ]
        assert world.begun[2][2].hour == 18
        assert "and 3 before it, were missed; made up for once" in world.said
        assert (
            "is scheduled; due since 2026-11-20 15:00 UTC, next at 2026-11-20 19:00" in world.said
        )

    def test_a_run_on_time_makes_up_for_those_that_were_missed_and_says_so(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "29,41,53 * * * *"}')
        world.lengths["shop"] = 10 * MINUTE
        world.start()
        world.go_on("2026-11-20T12:30Z")  # and is killed while the run goes on
        world.sleep("2026-11-20T12:41Z")
        world.start()
        said = world.said.splitlines()[-3:]
        assert said == [
            (
                "2026-11-20 12:41:00Z  info     shop: is scheduled; due since 2026-11-20 12:29 UTC, "
                "next at 2026-11-20 12:53 UTC"
            ),
            (
                "2026-11-20 12:41:00Z  warning  shop: 1 run was missed before that of "
                "2026-11-20 12:41 UTC, which makes up for it"
            ),
            "2026-11-20 12:41:00Z  info     shop: begins the run of 2026-11-20 12:41 UTC",
        ]
        world.go_on("2026-11-20T12:52Z")
        assert world.outcomes() == ["published"]

    def test_no_moment_that_is_over_is_told_as_the_next_one(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *", timeout: 2h}')
        world.lengths["shop"] = 30 * MINUTE
        world.start()
        world.go_on("2026-11-20T13:10Z")
        world.write("shop", '{cron: "0 * * * *", timeout: 3h}')
        world.go_on("2026-11-20T13:20Z")
        assert "is scheduled anew, next at 2026-11-20 14:00 UTC" in world.said

    def test_what_is_too_late_is_told_and_waits_for_its_next_time(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", catch_up: 2h}')
        world.start()
        world.sleep("2026-11-21T09:00Z")
        world.start()
        world.go_on("2026-11-22T12:00Z")
        assert world.times() == ["11-22 03:00"]
        assert world.outcomes() == ["missed", "published"]
        assert world.heard.ends[0][2].exit_code == 6

    def test_never_made_up_for_when_it_says_so(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", catch_up: 0s}')
        world.start()
        world.sleep("2026-11-21T03:05Z")
        world.start()
        assert world.times() == []
        assert world.outcomes() == ["missed"]

    def test_a_machine_that_slept_is_a_scheduler_that_was_away(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.sleep("2026-11-21T05:00Z")
        world.scheduler.step()
        assert world.times() == ["11-21 05:00"]

    def test_the_first_start_misses_nothing(self, make_world):
        world = make_world("2026-11-20T03:30Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-20T12:00Z")
        assert world.times() == []

    def test_a_status_that_is_lost_is_told_and_the_schedule_goes_on(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.sleep("2026-11-21T05:00Z")
        (world.records / "schedule.json").write_text("{")
        world.start()
        world.go_on("2026-11-22T05:00Z")
        assert world.times() == ["11-22 03:00"]
        assert (
            "cannot be read: it is no JSON; runs that were missed until now are not" in world.said
        )

    def test_a_year_away_from_a_line_of_every_minute(self, make_world):
        world = make_world("2025-11-20T12:00Z")
        world.write("shop", '{cron: "* * * * *", catch_up: 0s}')
        world.start()
        world.sleep("2026-11-20T12:00:30Z")
        world.start()
        assert world.times() == ["11-20 12:00"]


class TestCrash:
    def test_a_crash_while_it_runs_is_made_up_for(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.lengths["shop"] = 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.sleep("2026-11-21T03:20Z")
        world.start()  # the first is gone without a word
        world.go_on("2026-11-22T12:00Z")
        assert world.times() == ["11-21 03:00", "11-21 03:20", "11-22 03:00"]
        assert world.begun[0][2] == world.begun[1][2]

    def test_a_crash_after_it_published_runs_no_second_time(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert world.times() == ["11-21 03:00"]

    def test_a_stop_abandons_and_the_next_start_makes_up(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.lengths["shop"] = 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.scheduler.stopping = True
        world.scheduler.wind_up()
        assert world.attempts[0].asked == 1
        assert "abandoned before it published; nothing has changed" in world.said
        world.start()
        assert world.times() == ["11-21 03:00", "11-21 03:10"]

    def test_what_may_try_again_when_it_is_stopped_is_left_to_the_next_one(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6), published()]
        world.start()
        world.go_on("2026-11-21T03:00:30Z")
        world.attempts[0].stops = False
        world.scheduler.stopping = True
        world.scheduler.wind_up()
        assert world.outcomes() == []
        world.start()
        world.go_on("2026-11-21T04:00Z")
        assert world.outcomes() == ["published"]

    def test_what_dies_while_it_publishes_is_told_as_that(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-21T03:03Z")
        world.attempts[0].phase, world.attempts[0].killed = "publish", True
        world.scheduler.stopping = True
        world.scheduler.wind_up()
        assert "the old or the new data, whole" in world.said

    def test_a_stop_while_it_publishes_lets_it_finish(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-21T03:03Z")
        world.attempts[0].phase = "publish"
        world.scheduler.stopping = True
        world.scheduler.wind_up()
        assert world.outcomes() == ["published"]
        world.start()
        assert world.times() == ["11-21 03:00"]


class TestTryAgain:
    def test_back_off_doubles_until_it_works(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 4, back_off: 10min}')
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6), failed(6), failed(6), published()]
        world.start()
        world.go_on("2026-11-21T06:00Z")
        begun = [moment for moment, _, _ in world.begun]
        pauses = [(b - a).total_seconds() / 60 for a, b in pairwise(begun)]
        assert [round(pause / 11) for pause in pauses] == [1, 2, 4]
        assert all(10 <= pause <= 47 for pause in pauses)
        assert world.outcomes() == ["published"]

    def test_it_gives_up_after_its_retries(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 2, back_off: 1min}')
        world.ends["shop"] = [failed(6)]
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert len(world.begun) == 3
        assert world.outcomes() == ["failed"]

    @pytest.mark.parametrize("code", [2, 3, 4, 5, 70])
    def test_what_would_fail_again_is_not_tried_again(self, make_world, code):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 5}')
        world.ends["shop"] = [failed(code, "some-code")]
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert len(world.begun) == 1
        assert [end.exit_code for *_, end in world.heard.ends] == [code]

    def test_a_process_that_died_is_tried_again(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 1, back_off: 1s}')
        world.ends["shop"] = [failed(70, "run-died"), published()]
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert world.outcomes() == ["published"]

    def test_a_due_moment_that_passes_meanwhile_is_passed_over(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "*/10 * * * *"}')
        world.lengths["shop"] = 25 * MINUTE
        world.start()
        world.go_on("2026-11-20T13:01Z")
        assert world.times() == ["11-20 12:10", "11-20 12:40"]
        assert "2 due moments came while it ran" in world.said

    def test_a_process_that_could_not_be_started_is_tried_again(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 1, back_off: 1min}')
        world.ends["shop"] = [OSError(errno.EAGAIN, "Resource temporarily unavailable")] * 2
        world.ends["shop"].append(published())
        world.start()
        world.go_on("2026-11-22T12:00Z")
        assert [(f"{moment:%d %H:%M}", due.day) for moment, _, due in world.begun] == [
            ("21 03:00", 21),
            ("21 03:01", 21),
            ("22 03:00", 22),
        ]
        assert world.outcomes() == ["failed", "published"]
        assert world.heard.ends[0][2].codes == ("run-died",)
        assert "no process could be started: resource temporarily unavailable" in world.said

    @pytest.mark.parametrize(
        "change",
        [
            pytest.param(", jitter: 1min", id="jitter"),
            pytest.param(", timezone: Europe/Berlin", id="timezone"),
            pytest.param("", id="no file"),
            pytest.param(None, id="no schedule"),
        ],
    )
    def test_a_retry_that_falls_out_with_its_schedule_is_told(self, make_world, change):
        world = make_world("2026-11-20T12:00Z")
        world.write("other", '{cron: "0 5 * * *"}')
        retries = 'cron: "0 3 * * *", retries: 3, back_off: 30min'
        path = world.write("shop", f"{{{retries}}}")
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6), published()]
        world.start()
        world.go_on("2026-11-21T03:10Z")
        assert world.outcomes() == []
        if change:
            world.write("shop", f"{{{retries}{change}}}")
        elif change is None:
            world.write("shop", "")
        else:
            path.unlink()
        world.go_on("2026-11-21T12:00Z")
        assert len(world.times("shop")) == 1
        ((moment, _, end),) = [each for each in world.heard.ends if each[1] == "shop"]
        assert f"{moment:%H:%M}" == "03:10"
        assert (end.outcome, end.exit_code, end.run) == ("failed", 6, "f")
        assert end.codes == ("not-tried-again", "postgres-connection")
        why = "its schedule was changed" if change else "it is no longer scheduled"
        assert f"it was to be tried again, but {why}" in world.said

    def test_what_fails_when_it_is_no_longer_scheduled_is_told(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("other", '{cron: "0 5 * * *"}')
        path = world.write("shop", '{cron: "0 3 * * *", retries: 3, back_off: 30min}')
        world.ends["shop"] = [failed(6)]
        world.start()
        world.go_on("2026-11-21T03:02Z")
        path.unlink()
        world.go_on("2026-11-21T12:00Z")
        assert world.outcomes("shop") == ["failed"]
        assert len(world.times("shop")) == 1

    @pytest.mark.parametrize("change", ["back_off: 20min", "retries: 2, back_off: 30min"])
    def test_what_changes_no_moment_leaves_the_retry(self, make_world, change):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 3, back_off: 30min}')
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6), published()]
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.write("shop", f'{{cron: "0 3 * * *", {change}}}')
        world.go_on("2026-11-21T12:00Z")
        assert world.outcomes() == ["published"]

    def test_a_target_that_was_locked_is_no_failure_when_its_retry_falls_out(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 3, back_off: 30min}')
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6, "target-locked"), published()]
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.write("shop", '{cron: "0 4 * * *"}')
        world.go_on("2026-11-21T03:40Z")
        assert world.outcomes() == ["skipped"]

    def test_a_retry_that_comes_too_late_is_no_run_that_was_missed(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 3, back_off: 30min, catch_up: 1h}')
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6), published()]
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.sleep("2026-11-21T09:00Z")  # with the scheduler: the machine slept
        world.go_on("2026-11-21T12:00Z")
        assert len(world.times()) == 1
        ((_, _, end),) = world.heard.ends
        assert (end.outcome, end.exit_code) == ("failed", 6)
        assert end.codes == ("not-tried-again", "postgres-connection")
        assert "was this machine asleep?" in world.said
        assert "missed" not in world.said

    def test_a_wait_before_a_retry_is_told_again(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("a", '{cron: "0,11 3 * * *"}', target="shared")
        world.write("b", '{cron: "0 3 * * *", retries: 1, back_off: 1min}', target="shared")
        world.lengths["a"] = 10 * MINUTE
        world.lengths["b"] = 10 * timedelta(seconds=1)
        world.ends["b"] = [failed(6), published()]
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert world.said.count("b: waits: `a` works on the same target") == 2
        assert world.outcomes("b") == ["published"]


class TestTimeout:
    @pytest.mark.parametrize("code", [6, 70, 130])
    def test_however_it_ends_after_that_it_is_not_tried_again(self, make_world, code):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min, retries: 3}')
        world.lengths["shop"] = 31 * MINUTE
        world.ends["shop"] = [failed(code)]
        world.start()
        world.go_on("2026-11-21T03:29Z")
        world.attempts[0].stops = False
        world.go_on("2026-11-21T12:00Z")
        assert len(world.begun) == 1
        assert [end.codes for *_, end in world.heard.ends] == [("timed-out",)]

    def test_an_attempt_has_the_timeout_with_which_it_began(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min}')
        world.lengths["shop"] = 5 * 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T03:10Z")
        world.write("shop", NIGHTLY)
        world.go_on("2026-11-21T12:00Z")
        assert "takes longer than its `timeout` of 30 min; asked to stop" in world.said
        assert world.outcomes() == ["failed"]

    def test_a_retry_has_its_whole_time(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min, retries: 1, back_off: 1min}')
        world.ends["shop"] = [failed(6), published()]
        world.lengths["shop"] = 20 * MINUTE
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert [attempt.asked for attempt in world.attempts] == [0, 0]
        assert world.outcomes() == ["published"]

    def test_it_is_given_up_and_not_tried_again(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min, retries: 3}')
        world.lengths["shop"] = 5 * 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert len(world.begun) == 1
        (moment, _, end), *_ = world.heard.ends
        assert (end.outcome, end.codes) == ("failed", ("timed-out",))
        assert f"{moment:%H:%M}" == "03:30"

    def test_what_does_not_stop_is_killed(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min}')
        world.lengths["shop"] = 5 * 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T03:29Z")
        world.attempts[0].stops = False
        world.go_on("2026-11-21T03:40Z")
        assert world.attempts[0].killed
        assert world.heard.ends[0][2].codes == ("timed-out",)

    def test_what_publishes_is_never_killed(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", timeout: 30min}')
        world.lengths["shop"] = 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T03:29Z")
        world.attempts[0].phase = "publish"
        world.go_on("2026-11-21T04:10Z")
        assert not world.attempts[0].killed
        assert world.outcomes() == ["published"]


class TestConflicts:
    def test_one_run_per_target_at_a_time(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("a", NIGHTLY, target="shared")
        world.write("b", NIGHTLY, target="shared")
        world.start(at_once=5)
        world.go_on("2026-11-21T12:00Z")
        assert world.times("a") == ["11-21 03:00"]
        assert world.times("b") == ["11-21 03:05"]
        assert "b: waits: `a` works on the same target" in world.said

    def test_no_more_than_at_once(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        for name in "abc":
            world.write(name, NIGHTLY)
        world.start(at_once=2)
        world.go_on("2026-11-21T12:00Z")
        assert world.times() == ["11-21 03:00", "11-21 03:00", "11-21 03:05"]

    def test_nobody_waits_for_ever(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("a", NIGHTLY, target="shared")
        world.write("b", '{cron: "0 3 * * *", catch_up: 1h}', target="shared")
        world.lengths["a"] = 5 * 60 * MINUTE
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert world.times("b") == []
        (end,) = [end for _, name, end in world.heard.ends if name == "b"]
        assert (end.outcome, end.codes) == ("missed", ("waited-too-long",))

    def test_another_machine_that_has_done_it_is_enough(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.ends["shop"] = [End(outcome="skipped", exit_code=0, message="skipped: run x has")]
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert world.outcomes() == ["skipped"]
        assert "info     shop: skipped: run x has" in world.said

    def test_a_target_that_another_machine_holds_is_tried_again_then_skipped(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 3 * * *", retries: 1, back_off: 1min}')
        world.ends["shop"] = [failed(6, "target-locked")]
        world.lengths["shop"] = timedelta(seconds=1)
        world.start()
        world.go_on("2026-11-21T12:00Z")
        assert len(world.begun) == 2
        assert world.outcomes() == ["skipped"]
        assert "another run works on its target" in world.said


class TestFiles:
    def test_a_changed_line_counts_from_now(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.start()
        world.go_on("2026-11-20T13:00Z")
        world.write("shop", '{cron: "0 14 * * *"}')
        world.go_on("2026-11-21T05:00Z")
        assert world.times() == ["11-20 14:00"]

    def test_files_come_and_go(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        path = world.write("shop", '{cron: "0 * * * *"}')
        world.start()
        world.go_on("2026-11-20T13:30Z")
        world.write("crm", '{cron: "0 * * * *"}')
        path.unlink()
        world.go_on("2026-11-20T15:30Z")
        assert world.times("shop") == ["11-20 13:00"]
        assert world.times("crm") == ["11-20 14:00", "11-20 15:00"]

    def test_a_schedule_that_is_taken_out_and_put_back_misses_nothing(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("other", NIGHTLY)
        world.write("shop", '{cron: "0 * * * *"}')
        world.start()
        world.go_on("2026-11-20T13:30Z")
        world.write("shop", "")
        world.go_on("2026-11-20T16:30Z")
        world.write("shop", '{cron: "0 * * * *"}')
        world.go_on("2026-11-20T17:30Z")
        assert world.times("shop") == ["11-20 13:00", "11-20 17:00"]

    def test_a_file_that_becomes_wrong_is_told_and_the_others_go_on(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        path = world.write("shop", '{cron: "0 * * * *"}')
        world.write("crm", '{cron: "0 * * * *"}')
        world.start()
        world.go_on("2026-11-20T12:30Z")
        path.write_text(path.read_text().replace("version: 1", "version: one"))
        world.go_on("2026-11-20T12:40Z")
        assert world.said.count("its file is wrong, so it does not run until it is mended") == 1
        assert "shop.yaml:1:10" in world.said
        assert [(name, end.codes) for name, end in world.heard.spreads] == [
            ("shop", ("wrong-value",))
        ]
        world.go_on("2026-11-20T14:30Z")
        assert world.times("crm") == ["11-20 13:00", "11-20 14:00"]
        # No run begins; each of its due moments is told once, with what is wrong.
        assert world.times("shop") == []
        assert [
            (f"{moment:%H:%M}", end.outcome, end.exit_code, end.run, end.codes)
            for moment, name, end in world.heard.ends
            if name == "shop"
        ] == [(at, "refused", 2, "", ("wrong-value",)) for at in ("13:00", "14:00")]
        world.write("shop", '{cron: "0 * * * *"}')
        world.go_on("2026-11-20T15:30Z")
        assert world.times("shop") == ["11-20 15:00"]
        assert world.outcomes("shop")[-1] == "published"
        assert world.scheduler.roster.wrong == {}

    def test_a_retry_of_a_file_that_has_become_wrong_does_not_begin(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        path = world.write("shop", '{cron: "0 13 * * *", retries: 3, back_off: 10min}')
        world.lengths["shop"] = MINUTE
        world.ends["shop"] = [failed(6)]
        world.start()
        world.go_on("2026-11-20T13:05Z")
        path.write_text(path.read_text().replace("version: 1", "version: one"))
        world.go_on("2026-11-20T15:00Z")
        assert len(world.begun) == 1
        (end,) = [end for *_, end in world.heard.ends]
        assert (end.outcome, end.codes) == ("refused", ("wrong-value",))

    def test_a_file_that_becomes_wrong_while_it_runs_lets_the_run_end(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        path = world.write("shop", '{cron: "0 13 * * *"}')
        world.lengths["shop"] = 30 * MINUTE
        world.start()
        world.go_on("2026-11-20T13:05Z")
        path.write_text(path.read_text().replace("version: 1", "version: one"))
        world.go_on("2026-11-20T15:00Z")
        assert world.outcomes() == ["published"]

    def test_a_secret_that_comes_just_in_time_is_enough(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("crm", NIGHTLY)
        hook = world.folder / "hook"
        hook.write_text("https://example.com/hook")
        wants = 'notify: [{webhook: "${file:hook}"}]'
        world.write("shop", '{cron: "0 13 * * *"}', more=wants)
        world.start()
        hook.unlink()
        world.write("shop", '{cron: "0 13 * * *"}', more=f"{wants}\n")
        world.go_on("2026-11-20T12:59:40Z")
        assert [path.name for path in world.scheduler.roster.wrong] == ["shop.yaml"]
        hook.write_text("https://example.com/hook")
        world.go_on("2026-11-20T13:10Z")
        assert world.times("shop") == ["11-20 13:00"]
        assert world.outcomes("shop") == ["published"]

    def test_the_figures_name_wrong_files_where_nothing_can_be_scheduled(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        path = world.write("shop", '{cron: "0 25 * * *"}')
        with pytest.raises(ConfigError, match="no pipeline can be scheduled"):
            world.start()
        (wrong,) = world.heard.wrong
        assert list(wrong) == [path]
        assert "`25` as its hour" in wrong[path]

    def test_records_that_cannot_be_written_are_told_once(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *"}')
        world.heard.unwritable = "the metrics cannot be written"
        world.start()
        world.go_on("2026-11-20T15:30Z")
        assert world.said.count("the metrics cannot be written") == 1
        world.heard.unwritable = ""
        world.go_on("2026-11-20T16:30Z")
        world.heard.unwritable = "the metrics cannot be written"
        world.go_on("2026-11-20T17:30Z")
        assert world.said.count("the metrics cannot be written") == 2

    def test_a_rule_pack_beside_pipelines_is_no_pipeline(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY, more="rules: [./house.yaml]")
        pack = world.folder / "house.yaml"
        pack.write_text("version: 1\nrules: [{id: a, match: {column: nick}, use: token}]\n")
        world.start()
        assert world.scheduler.roster.wrong == {}
        pack.write_text("version: 1\nrules: [{id: a, match: {column: nick}, use: tokn}]\n")
        world.go_on("2026-11-20T12:10Z")
        assert [path.name for path in world.scheduler.roster.wrong] == ["shop.yaml"]

    def test_a_pipeline_with_rules_as_in_a_pack_is_wrong_and_no_pack(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", NIGHTLY)
        world.write("crm", NIGHTLY, more="rules: [{id: a, match: {column: b}, use: token}]")
        world.start()
        assert [path.name for path in world.scheduler.roster.wrong] == ["crm.yaml"]

    def test_of_two_files_of_one_name_neither_runs(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *"}')
        world.write("crm", NIGHTLY)
        world.start()
        text = (world.folder / "shop.yaml").read_text()
        copy = world.folder / "copy.yaml"
        copy.write_text(text)
        world.go_on("2026-11-20T12:10Z")
        assert {path.name for path in world.scheduler.roster.wrong} == {"shop.yaml", "copy.yaml"}
        assert "so none of them runs" in world.said
        world.go_on("2026-11-20T14:30Z")
        assert world.times("shop") == []
        assert [(end.outcome, end.codes) for *_, end in world.heard.ends] == [
            ("refused", ("same-name",))
        ] * 2
        copy.unlink()
        world.go_on("2026-11-20T15:30Z")
        assert world.times("shop") == ["11-20 15:00"]

    def test_a_folder_that_is_gone_for_a_moment(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *"}')
        world.start()
        aside = world.folder.rename(world.folder.with_name("aside"))
        world.go_on("2026-11-20T12:30Z")
        assert world.said.count("there is no file or folder") == 1
        aside.rename(world.folder)
        world.go_on("2026-11-20T13:30Z")
        assert world.times() == ["11-20 13:00"]

    def test_a_folder_that_cannot_be_listed_for_a_moment(self, make_world, monkeypatch):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", '{cron: "0 * * * *"}')
        world.start()
        with monkeypatch.context() as patched:
            patched.setattr(Path, "iterdir", _forbidden)  # as root everything can be listed
            world.go_on("2026-11-20T12:30Z")
            assert world.said.count("cannot be looked into: permission denied") == 1
        world.go_on("2026-11-20T13:30Z")
        assert world.times() == ["11-20 13:00"]

    def test_a_place_that_no_file_system_takes_is_told_at_the_start(self, make_world):
        world = make_world("2026-11-20T12:00Z")
        world.folder = Path("p" * 300)
        with pytest.raises(ConfigError, match="cannot be looked into: file name too long"):
            world.start()

    @pytest.mark.parametrize(
        ("schedule", "more", "said"),
        [
            pytest.param("", "", "no pipeline here has a `schedule`", id="none is scheduled"),
            pytest.param('{cron: "0 25 * * *"}', "", "`25` as its hour", id="all are wrong"),
        ],
    )
    def test_nothing_to_do_is_told_at_the_start(self, make_world, schedule, more, said):
        world = make_world("2026-11-20T12:00Z")
        world.write("shop", schedule, more=more)
        with pytest.raises(ConfigError) as caught:
            world.start()
        assert said in str(caught.value)


def test_the_status_tells_how_things_stand(make_world):
    world = make_world("2026-11-20T12:00Z")
    world.write("shop", NIGHTLY)
    world.start()
    world.go_on("2026-11-21T03:01Z")
    world.scheduler._write(force=True)
    status = read_status(world.records)
    facts = status["pipelines"]["shop"]
    assert (facts["state"], facts["phase"], facts["attempt"]) == ("running", "load", 1)
    assert facts["due"] == "2026-11-21T03:00:00+00:00"
    assert world.clock.now().astimezone(UTC).isoformat() == status["beat"]


def test_the_status_forgets_who_is_gone_and_keeps_who_is_wrong(make_world):
    world = make_world("2026-11-20T12:00Z")
    for name in ("shop", "crm", "hr"):
        world.write(name, NIGHTLY)
    world.start()
    world.go_on("2026-11-20T12:10Z")
    (world.folder / "crm.yaml").unlink()
    world.write("hr", NIGHTLY, more="colunms: {}")
    world.start()
    world.scheduler._write(force=True)
    pipelines = read_status(world.records)["pipelines"]
    assert {name: facts["state"] for name, facts in pipelines.items()} == {
        "shop": "waiting",
        "hr": "wrong",
    }
    world.sleep("2026-11-21T03:30Z")
    world.write("crm", NIGHTLY)
    world.write("hr", NIGHTLY)
    world.start()
    world.go_on("2026-11-21T03:40Z")
    assert world.times("crm") == []  # what came back has missed nothing
    assert world.times("hr") == ["11-21 03:30"]


@settings(max_examples=15)
@given(
    cron=st.sampled_from(["0 * * * *", "*/30 * * * *", "15 */3 * * *"]),
    catch_up=st.sampled_from(["0s", "45min", "6h"]),
    length=st.integers(1, 100),
    life=st.lists(
        st.tuples(st.sampled_from(["works", "crashes", "stops"]), st.integers(1, 300)),
        min_size=1,
        max_size=8,
    ),
)
def test_whatever_happens_each_due_moment_is_published_at_most_once_and_never_too_late(
    tmp_path_factory, cron, catch_up, length, life
):
    world = World(tmp_path_factory.mktemp("life"), "2026-11-20T12:00Z")
    world.write("shop", f'{{cron: "{cron}", catch_up: {catch_up}}}')
    world.lengths["shop"] = length * MINUTE
    world.start()
    for what, minutes in life:
        end = (world.clock.moment + minutes * MINUTE).isoformat()
        if what == "works":
            world.go_on(end)
            continue
        if what == "stops":
            world.scheduler.stopping = True
            world.scheduler.wind_up()
            end = max(end, world.clock.moment.isoformat())
        world.sleep(end)
        world.start()
    world.go_on((world.clock.moment + 24 * 60 * MINUTE).isoformat())
    patience = max(timedelta(minutes=1), {"0s": 0, "45min": 45, "6h": 360}[catch_up] * MINUTE)
    for moment, _, due in world.begun:
        assert due <= moment <= due + patience
    dues = [due for _, _, due in world.begun]
    assert dues == sorted(dues)
    done = [each for each in world.attempts if each.ends <= world.clock.moment and not each.asked]
    assert world.outcomes().count("published") <= len(set(dues))
    assert done
    # Nothing that is over began twice: only what a crash or a stop cut short is begun again.
    again = [due for due in set(dues) if dues.count(due) > 1]
    assert len(again) <= sum(what != "works" for what, _ in life)
