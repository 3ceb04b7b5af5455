import pytest

from masker.keys import DOMAINS, Exactness, exactness


@pytest.mark.parametrize(
    ("domain", "expected"),
    [
        ("email", Exactness.EXACT),
        ("name", Exactness.CANONICAL),
        ("customers.id", Exactness.EXACT),
    ],
)
def test_exactness(domain, expected):
    assert exactness(domain) is expected


def test_the_list_is_not_changed_by_who_reads_it():
    with pytest.raises(TypeError):
        DOMAINS["phone"] = Exactness.CANONICAL
