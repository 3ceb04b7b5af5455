"""Tickets, comments, waiting mails and the event log: where people are named in passing."""

from __future__ import annotations

from datetime import date

import numpy as np
import polars as pl

from masker.demo.shop.chance import moments, pick, sometimes, where
from masker.demo.shop.people import full_name
from masker.demo.shop.rows import Recipe, Tables
from masker.demo.shop.tables.payloads import payloads
from masker.demo.shop.texts import REMARKS, SUBJECTS, with_awkward, write

SINCE, UNTIL = date(2025, 7, 1), date(2025, 12, 31)


def make(recipe: Recipe, made: Tables) -> Tables:
    """Make what customers and staff write about the customers of `made`."""
    customers, orders = made["shop.customers"], made["shop.orders"]
    employees = made["hr.employees"]
    tickets = _tickets(recipe, customers, orders, employees)
    return {
        "shop.support_tickets": tickets,
        "shop.comments": _comments(recipe, customers, orders, tickets, employees),
        "shop.events": _events(recipe, customers, made["shop.addresses"]),
        "shop.outbox": _outbox(recipe, customers),
    }


def _tickets(
    recipe: Recipe, customers: pl.DataFrame, orders: pl.DataFrame, employees: pl.DataFrame
) -> pl.DataFrame:
    rng, rows = recipe.chance("tickets"), recipe.rows("tickets")
    writer = customers[rng.integers(0, len(customers), rows)]
    order = orders["id"].gather(rng.integers(0, len(orders), rows)).cast(pl.String)
    body = write(
        rng,
        writer["country_code"],
        {
            "name": full_name(writer),
            "first": writer["first_name"],
            "last": writer["last_name"],
            "phone": writer["phone"],
            "email": writer["email"],
            "order": "#" + order,
        },
    )
    opened = moments(rng, rows, SINCE, UNTIL)
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "customer_id": writer["id"],
            "assigned_to": sometimes(rng, _any(rng, employees["id"], rows), 0.8),
            "subject": pick(rng, rows, SUBJECTS) + " - " + writer["last_name"],
            "body": with_awkward(body),
            "opened_at": opened,
            "closed_at": sometimes(rng, opened.dt.offset_by("3d"), 0.7),
        }
    )


def _comments(
    recipe: Recipe,
    customers: pl.DataFrame,
    orders: pl.DataFrame,
    tickets: pl.DataFrame,
    employees: pl.DataFrame,
) -> pl.DataFrame:
    rng, rows = recipe.chance("comments"), recipe.rows("comments")
    target = pick(rng, rows, ("order", "ticket", "customer"))
    about = customers[rng.integers(0, len(customers), rows)]
    number = where(
        (target == "customer").to_numpy(),
        about["id"],
        where(
            (target == "order").to_numpy(),
            _any(rng, orders["id"], rows),
            _any(rng, tickets["id"], rows),
        ),
    )
    body = about["first_name"] + " " + about["last_name"] + ": " + pick(rng, rows, REMARKS)
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "target_type": target,
            "target_id": number,
            "author_id": sometimes(rng, _any(rng, employees["id"], rows), 0.9),
            "body": with_awkward(sometimes(rng, body, 0.95)),
            "written_at": moments(rng, rows, SINCE, UNTIL),
        }
    )


def _events(recipe: Recipe, customers: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    rng, rows = recipe.chance("events"), recipe.rows("events")
    actor = rng.integers(0, len(customers), rows)
    kind, payload = payloads(rng, customers[actor], addresses[actor])
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "occurred_at": moments(rng, rows, SINCE, UNTIL).sort(),
            "customer_id": sometimes(rng, customers["id"].gather(actor), 0.95),
            "kind": kind,
            "payload": payload,
        }
    )


def _outbox(recipe: Recipe, customers: pl.DataFrame) -> pl.DataFrame:
    rng, rows = recipe.chance("outbox"), recipe.rows("outbox")
    to = customers[rng.integers(0, len(customers), rows)]
    name = full_name(to)
    headers = pl.DataFrame(
        {"To": '"' + name + '" <' + to["email"] + ">", "Reply-To": to["email"], "X-Tries": 1}
    )
    after = moments(rng, rows, SINCE, UNTIL)
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "recipient": to["email"],
            "recipient_name": sometimes(rng, name, 0.9),
            "subject": to["first_name"] + ", your order is on its way",
            "body": "Dear "
            + name
            + ",\n\nthank you. We call "
            + to["phone"].fill_null("nobody")
            + " if the parcel cannot be delivered.\n\n\tYour shop\n",
            "headers": headers.select(pl.struct(pl.all()).struct.json_encode()).to_series(),
            "send_after": after,
            "sent_at": sometimes(rng, after.dt.offset_by("10m"), 0.6),
        }
    )


def _any(rng: np.random.Generator, values: pl.Series, rows: int) -> pl.Series:
    return values.gather(rng.integers(0, len(values), rows))
