"""Customers, where they live, their cards and their sessions."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from masker.demo.shop.chance import (
    UUID,
    distinct,
    moments,
    often,
    pattern,
    pick,
    quotas,
    sometimes,
    where,
)
from masker.demo.shop.emails import usernames
from masker.demo.shop.numbers import phones, vat_numbers
from masker.demo.shop.people import SHARES, full_name, people
from masker.demo.shop.pools import codes, positions
from masker.demo.shop.rows import Recipe, Tables
from masker.demo.shop.texts import REMARKS, with_awkward

COUNTRY_NAMES = {
    "DE": ("Deutschland", "+49", True),
    "AT": ("Österreich", "+43", True),
    "FR": ("France", "+33", True),
    "ES": ("España", "+34", True),
    "IT": ("Italia", "+39", True),
    "NL": ("Nederland", "+31", True),
    "PL": ("Polska", "+48", True),
    "US": ("United States", "+1", False),
    "GB": ("United Kingdom", "+44", False),
    "CI": ("Côte d'Ivoire", "+225", False),
    "TR": ("Türkiye", "+90", False),
    "CH": ("Schweiz/Suisse/Svizzera", "+41", False),
}
STREET_FORMS = {"FR": "{no} {street}", "US": "{no} {street}", "GB": "{no} {street}"}
STATUSES = {"active": 0.8, "prospect": 0.1, "blocked": 0.04, "closed": 0.06}
TAGS = (
    "{}",
    "{newsletter}",
    "{vip,newsletter}",
    '{"pays late"}',
    '{"comma, inside","quote \\" inside",NULL}',
    "{ünïcödé,日本}",
)
AGENTS = (
    "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/141.0 Safari/537.36",
    "Mozilla/5.0 (iPhone; CPU iPhone OS 18_6 like Mac OS X) AppleWebKit/605.1.15 Mobile/15E148",
    "Mozilla/5.0 (X11; Linux x86_64; rv:143.0) Gecko/20100101 Firefox/143.0",
    "curl/8.16.0",
)
BIGGEST = "9999999999999999999999999999.9999999999"
PNG = "\\x89504e470d0a1a0a"


def make(recipe: Recipe) -> Tables:
    """Make countries, companies, customers, addresses, loyalty cards and sessions."""
    customers = _customers(recipe)
    return {
        "shop.countries": pl.DataFrame(
            [(code, *rest) for code, rest in COUNTRY_NAMES.items()],
            schema=["code", "name", "dial_code", "in_eu"],
            orient="row",
        ),
        "shop.companies": _companies(recipe),
        "shop.customers": customers,
        "shop.addresses": _addresses(recipe, customers),
        'shop."LoyaltyCard"': _loyalty_cards(recipe, customers),
        "shop.sessions": _sessions(recipe, len(customers)),
    }


def _companies(recipe: Recipe) -> pl.DataFrame:
    rng, rows = recipe.chance("companies"), recipe.rows("companies")
    country = quotas(rng, rows, SHARES)
    code = codes(country)
    name = recipe.pools.company.draw(rng, country)
    site = name.str.to_lowercase().str.replace_all(r"[^a-z]+", "-").str.strip_chars("-")
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "name": name,
            "vat_number": vat_numbers(rng, code),
            "website": sometimes(rng, "https://www." + site + ".com", 0.7),
            "phone": phones(rng, code),
            "country_code": code,
        }
    )


def _customers(recipe: Recipe) -> pl.DataFrame:
    rng, rows = recipe.chance("customers"), recipe.rows("customers")
    person = people(recipe.seed, "customers: people", rows, pools=recipe.pools)
    company = pl.Series(rng.integers(1, recipe.rows("companies") + 1, rows))
    former = '{"' + person["last_name"].shuffle(recipe.seed) + '"}'
    created = moments(rng, rows, date(2018, 1, 1), date(2025, 7, 1))
    ends = created.dt.offset_by("10y").dt.to_string("%Y-%m-%d %H:%M:%S+00")
    credit = pattern(rng, rows, "%###.##00000000")
    credit[0] = BIGGEST
    status = pl.Series(list(STATUSES)).gather(quotas(rng, rows, STATUSES))
    return pl.DataFrame(
        {
            "id": pl.Series(range(1001, 1001 + rows)),
            "title": person["title"],
            "first_name": person["first_name"],
            "last_name": person["last_name"],
            "former_names": sometimes(rng, former, 0.05),
            "email": person["email"],
            "username": usernames(rng, person["country"], person["last_name"]),
            "password_hash": pattern(rng, rows, "$2b$12$" + "*" * 53),
            "api_token": sometimes(rng, pattern(rng, rows, "*" * 40), 0.3),
            "phone": person["phone"],
            "date_of_birth": person["date_of_birth"],
            "national_id": person["national_id"],
            "company_id": sometimes(rng, company, 0.2),
            "country_code": person["country"],
            "status": status,
            "tags": pick(rng, rows, TAGS),
            "avatar": sometimes(rng, PNG + pattern(rng, rows, "*" * 96), 0.2),
            "credit_limit": sometimes(rng, credit, 0.5).scatter(0, BIGGEST),
            "interests": sometimes(rng, _vectors(rng, rows), 0.9),
            "notes": with_awkward(sometimes(rng, pick(rng, rows, REMARKS), 0.4)),
            "created_at": created,
            "valid_until": where(often(rng, rows, 0.7), "infinity", ends),
        }
    )


def _vectors(rng: np.random.Generator, rows: int, width: int = 8) -> pl.Series:
    drawn = np.round(rng.normal(size=(rows, width)), 4)
    parts = [pl.Series(drawn[:, column]).cast(pl.String) for column in range(width)]
    return pl.select("[" + pl.concat_str([pl.lit(part) for part in parts], separator=",") + "]")[
        "literal"
    ]


def _addresses(recipe: Recipe, customers: pl.DataFrame) -> pl.DataFrame:
    """Give every customer a default address, in order, and four in ten another one."""
    rng = recipe.chance("addresses")
    rows = len(customers)
    owner = np.concatenate((np.arange(rows), np.flatnonzero(often(rng, rows, 0.4))))
    of = customers[owner]
    position = positions(of["country_code"])
    place = recipe.pools.places.draw(rng, position)
    street = recipe.pools.street.draw(rng, position)
    number = pl.Series(rng.integers(1, 190, len(owner))).cast(pl.String) + sometimes(
        rng, pick(rng, len(owner), ("a", "b", "c")), 0.1
    ).fill_null("")
    number_first = of["country_code"].is_in(list(STREET_FORMS)).to_numpy()
    near = [
        (place[name].cast(pl.Float64) + rng.normal(scale=0.01, size=len(owner))).round(6)
        for name in ("latitude", "longitude")
    ]
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, len(owner) + 1)),
            "customer_id": of["id"],
            "recipient": full_name(of),
            "street": where(number_first, number + " " + street, street + " " + number),
            "postcode": place["postcode"],
            "city": place["city"],
            "region": sometimes(rng, place["region"], 0.8),
            "country_code": of["country_code"],
            "latitude": sometimes(rng, near[0], 0.95),
            "longitude": near[1],
            "is_default": pl.Series(np.arange(len(owner)) < rows),
        }
    )


def _loyalty_cards(recipe: Recipe, customers: pl.DataFrame) -> pl.DataFrame:
    rng = recipe.chance("loyalty cards")
    of = customers[np.flatnonzero(often(rng, len(customers), 0.4))]
    number = distinct(rng, len(of), digits=9)
    return pl.DataFrame(
        {
            "CardNo": "LC-" + number,
            "Customer Id": of["id"],
            "Holder": full_name(of).str.to_uppercase(),
            "Points": pl.Series(rng.integers(0, 20_000, len(of))),
        }
    )


def _sessions(recipe: Recipe, customers: int) -> pl.DataFrame:
    rng, rows = recipe.chance("sessions"), recipe.rows("sessions")
    owner = pl.Series(rng.integers(1001, 1001 + customers, rows))
    octets = [pl.Series(rng.integers(1, 255, rows)).cast(pl.String) for _ in range(4)]
    v4 = octets[0] + "." + octets[1] + "." + octets[2] + "." + octets[3]
    v6 = pattern(rng, rows, "2a02:8%*:%***:1::%***")
    started = moments(rng, rows, date(2025, 6, 1), date(2025, 12, 31))
    return pl.DataFrame(
        {
            "id": pattern(rng, rows, UUID),
            "customer_id": sometimes(rng, owner, 0.9),
            "ip": where(often(rng, rows, 0.15), v6, v4),
            "user_agent": pick(rng, rows, AGENTS),
            "token_digest": sometimes(rng, "\\x" + pattern(rng, rows, "*" * 64), 0.8),
            "started_at": started,
            "expires_at": where(
                often(rng, rows, 0.1),
                "infinity",
                started.dt.offset_by("30d").dt.to_string("%Y-%m-%d %H:%M:%S%.6f+00"),
            ),
        }
    )
