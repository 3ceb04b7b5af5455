"""Room for a new database, known or not."""

import pytest

from masker.load.room import check_room


@pytest.mark.parametrize(
    ("expected", "free", "told"),
    [
        pytest.param(None, 0, [], id="size unknown"),
        pytest.param(100, 130, [], id="enough"),
        pytest.param(100, 129, [("no-room", "ERROR")], id="too little"),
        pytest.param(100, None, [("free-space-unknown", "NOTE")], id="room unknown"),
    ],
)
def test_room(expected, free, told):
    found = list(check_room(expected, free, database="t"))
    assert [(each.code, each.severity.name) for each in found] == told


def test_sizes_are_told_for_people():
    (told,) = check_room(10 * 1024**3, 5 * 1024**2, database="t")
    assert "13.0 GiB" in told.message
    assert "5.0 MiB" in told.message
