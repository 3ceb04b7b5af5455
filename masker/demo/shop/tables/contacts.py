"""Business contacts, campaigns and who got them."""

from __future__ import annotations

from datetime import date

import polars as pl

from masker.demo.shop.chance import UUID, moments, often, pattern, pick, sometimes, where
from masker.demo.shop.people import full_name, people
from masker.demo.shop.pools import positions
from masker.demo.shop.rows import Recipe, Tables
from masker.demo.shop.texts import REMARKS, with_awkward

CAMPAIGNS = {
    "SPRING25": ("Frühling!", date(2025, 3, 20)),
    "SUMMER25": ("¡Rebajas!", date(2025, 7, 1)),
    "BACK2SCHOOL": ("Rentrée", date(2025, 9, 1)),
    "BLACKFRIDAY": ("One day only", date(2025, 11, 28)),
}


def make(recipe: Recipe, made: Tables) -> Tables:
    """Make the contacts at companies and the mails sent to customers."""
    campaigns = [(code, *rest) for code, rest in CAMPAIGNS.items()]
    return {
        "crm.contacts": _contacts(recipe, len(made["shop.companies"])),
        "crm.campaigns": pl.DataFrame(
            campaigns, schema=["code", "subject", "starts_on"], orient="row"
        ),
        "crm.campaign_recipients": _recipients(recipe, made["shop.customers"]),
    }


def _contacts(recipe: Recipe, companies: int) -> pl.DataFrame:
    """Make contacts; names as `first last`, `Last, First`, or with an initial."""
    rng, rows = recipe.chance("contacts"), recipe.rows("contacts")
    person = people(recipe.seed, "contacts: people", rows, pools=recipe.pools)
    turned = person["last_name"] + ", " + person["first_name"]
    initial = person["first_name"].str.head(1) + ". " + person["last_name"].str.to_uppercase()
    name = where(often(rng, rows, 0.1), initial, full_name(person))
    name = where(often(rng, rows, 0.25), turned, name)
    email = sometimes(rng, person["email"], 0.9)
    return pl.DataFrame(
        {
            "id": pattern(rng, rows, UUID),
            "company_id": pl.Series(rng.integers(1, companies + 1, rows)),
            "full_name": name,
            "job_title": sometimes(
                rng, recipe.pools.job.draw(rng, positions(person["country"])), 0.8
            ),
            "email": where(often(rng, rows, 0.05), "", email),
            "phone": where(often(rng, rows, 0.03), "N/A", person["phone"]),
            "remark": with_awkward(sometimes(rng, pick(rng, rows, REMARKS), 0.5)),
        }
    )


def _recipients(recipe: Recipe, customers: pl.DataFrame) -> pl.DataFrame:
    rng, rows = recipe.chance("recipients"), recipe.rows("recipients")
    drawn = pl.DataFrame(
        {
            "campaign_code": pick(rng, rows, tuple(CAMPAIGNS)),
            "email": customers["email"].gather(rng.integers(0, len(customers), rows)),
            "opened_at": sometimes(
                rng, moments(rng, rows, date(2025, 3, 21), date(2025, 12, 30)), 0.4
            ),
        }
    )
    return drawn.unique(["campaign_code", "email"], keep="first", maintain_order=True)
