"""The people look like people: shapes of e-mails, numbers that check, places that exist."""

import csv

import psycopg
import pytest
from stdnum import iban, luhn

from masker.demo.shop.pools import PLACES_FILE

# Names and local parts brought to one form: lower case, no marks, ae/oe/ue as a/o/u.
FOLD = r"""
CREATE FUNCTION pg_temp.fold(text) RETURNS text LANGUAGE sql AS $$
    SELECT replace(replace(replace(regexp_replace(
        normalize(replace(replace(lower($1), 'ß', 'ss'), 'ł', 'l'), NFKD),
        '[^a-z0-9 ]', '', 'g'), 'ae', 'a'), 'oe', 'o'), 'ue', 'u')
$$;
CREATE TEMP VIEW shapes AS
WITH folded AS (
    SELECT regexp_replace(split_part(split_part(email, '@', 1), '+', 1), '\d+$', '') AS local,
           replace(pg_temp.fold(first_name), ' ', '') AS given,
           replace(pg_temp.fold(last_name), ' ', '') AS family,
           regexp_replace(trim(pg_temp.fold(translate(last_name, '-', ' '))), '.* ', '') AS last_word
    FROM shop.customers
), parts AS (
    SELECT pg_temp.fold(local) AS joined, given, family, last_word,
           pg_temp.fold(split_part(translate(local, '_-', '..'), '.', 1)) AS front,
           pg_temp.fold(split_part(translate(local, '_-', '..'), '.', 2)) AS back
    FROM folded
)
SELECT CASE
    WHEN back IN (family, last_word) AND length(front) = 1 AND front = left(given, 1)
        OR front = given AND length(back) = 1 AND back IN (left(family, 1), left(last_word, 1))
        THEN 'initial'
    WHEN back = '' AND joined IN (given || family, family || given,
        given || last_word, last_word || given) THEN 'joined'
    WHEN front = given AND back IN (family, last_word)
        OR back = given AND front IN (family, last_word) THEN 'separated'
    WHEN strpos(joined, given) = 0 AND strpos(joined, last_word) = 0 THEN 'unrelated'
    ELSE 'other'
END AS shape FROM parts
"""


@pytest.fixture(scope="module")
def connection(production, shop, lasting_database):
    with psycopg.connect(lasting_database(production, "people", template=shop)) as opened:
        opened.execute(FOLD)
        yield opened


@pytest.mark.parametrize(
    ("shape", "least"),
    [("initial", 0.15), ("joined", 0.10), ("unrelated", 0.10), ("separated", 0.40)],
)
def test_share_of_email_shapes(connection, shape, least):
    (share,) = connection.execute(
        "SELECT count(*) FILTER (WHERE shape = %s)::float / count(*) FROM shapes", [shape]
    ).fetchone()
    assert share >= least


@pytest.mark.parametrize(
    "pattern",
    [r"^[^@]*\.[^@]*@", "^[^@]*_[^@]*@", "^[^@]*-[^@]*@", r"^[^@]*\d[^@]*@", r"^[^@]*\+\w+@"],
    ids=["dot", "underscore", "hyphen", "digits", "plus tag"],
)
def test_emails_vary(connection, pattern):
    (matching,) = connection.execute(
        "SELECT count(*) FROM shop.customers WHERE email ~ %s", [pattern]
    ).fetchone()
    assert matching > 0


def column(connection, sql):
    return [value for (value,) in connection.execute(sql)]


def test_cards_have_their_check_digit(connection):
    cards = column(
        connection, "SELECT card_number FROM shop.payments WHERE card_number IS NOT NULL"
    )
    assert len(cards) > 50
    assert any(" " in card for card in cards)
    assert {len(card.replace(" ", "")) for card in cards} == {15, 16}
    assert all(luhn.is_valid(card.replace(" ", "")) for card in cards)


def test_ibans_have_their_check_digits(connection):
    ibans = column(connection, "SELECT iban FROM shop.payments WHERE iban IS NOT NULL")
    ibans += column(connection, "SELECT iban FROM hr.employees WHERE iban IS NOT NULL")
    assert len({number[:2] for number in ibans}) >= 4
    assert [n for n in ibans if not iban.is_valid(n, check_country=False)] == []


def test_addresses_fit_together(connection):
    with PLACES_FILE.open(encoding="utf-8", newline="") as file:
        places = {tuple(row.values())[:3]: row for row in csv.DictReader(file)}
    found = connection.execute(
        "SELECT country_code, city, postcode, region, latitude, longitude FROM shop.addresses"
    ).fetchall()
    assert len({row[1] for row in found}) > 20
    for country, city, postcode, region, latitude, longitude in found:
        place = places[country, city, postcode]
        assert region in {None, place["region"]}
        assert abs(float(longitude) - float(place["longitude"])) < 0.1
        assert latitude is None or abs(float(latitude) - float(place["latitude"])) < 0.1


def test_phones_have_several_notations_per_country(connection):
    notations = connection.execute(r"""
        SELECT country_code, count(DISTINCT regexp_replace(phone, '\d', '9', 'g'))
        FROM shop.customers WHERE phone IS NOT NULL GROUP BY 1
    """).fetchall()
    assert len(notations) == 9
    assert min(count for _, count in notations) >= 2


def test_one_customer_keeps_one_card(connection):
    assert connection.execute("""
        SELECT max(cards) FROM (SELECT count(DISTINCT card_number) AS cards
            FROM shop.payments p JOIN shop.orders o ON o.id = p.order_id GROUP BY customer_id) c
    """).fetchone() == (1,)
