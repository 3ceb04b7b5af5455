"""One run per target, from whichever database of the server it is held."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack

import pytest

from masker.errors import TryAgainError
from masker.load.postgres.locks import MAINTENANCE, run_lock
from tests.load.postgres.road import opened


@pytest.mark.parametrize("first", MAINTENANCE)
@pytest.mark.parametrize("second", MAINTENANCE)
def test_a_target_is_held_by_one(staging, first, second):
    with opened(staging.url(first)) as one, opened(staging.url(second)) as other:
        for target in ("shop", "Läden", "crm"):
            with run_lock(one, target):
                with pytest.raises(TryAgainError) as refused, run_lock(other, target):
                    pass
                assert (refused.value.code, refused.value.subject) == ("target-locked", target)
            with run_lock(other, target):  # given back by both
                pass


def test_targets_are_held_apart(staging):
    with ExitStack() as held:
        for number in range(4):
            session = held.enter_context(opened(staging.url(MAINTENANCE[number % 2])))
            held.enter_context(run_lock(session, f"target {number}"))


def test_of_many_that_come_at_once_never_two_hold(staging):
    inside, held = threading.Semaphore(1), []

    def come(number):
        with opened(staging.url(MAINTENANCE[number % 2])) as session:
            for _ in range(40):
                try:
                    with run_lock(session, "shop"):
                        alone = inside.acquire(blocking=False)
                        held.append(alone)
                        time.sleep(0.002)
                        if alone:
                            inside.release()
                except TryAgainError:
                    continue

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(come, range(4)))
    assert held
    assert all(held)
