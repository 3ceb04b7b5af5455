"""Products, orders, and what follows: items, parcels, payments, appointments."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

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
    skewed,
    sometimes,
    where,
)
from masker.demo.shop.numbers import cards, ibans, phones
from masker.demo.shop.people import full_name
from masker.demo.shop.rows import Recipe, Tables

CATEGORIES = {
    "Home": ("Kitchen", "Garden", "Möbel"),
    "Books": ("Fiction", "Children", "Voyages"),
    "Sport": ("Cycling", "Climbing", "Fußball"),
    "Music": ("Vinyl", "Instruments", "Partituras"),
}
THINGS = ("Lamp", "Chair", "Kettle", "Atlas", "Novel", "Saddle", "Rope", "Guitar", "Fountain pen")
MAKES = ("oak", "steel", "walnut", "linen", "vintage", "folding", "électrique", "handgemacht")
STATUSES = {
    "paid": 0.1,
    "shipped": 0.65,
    "returned": 0.05,
    "placed": 0.1,
    "cart": 0.05,
    "cancelled": 0.05,
}
PAID = ("paid", "shipped", "returned")
PARCELLED = ("shipped", "returned")
ROOMS = 5
OPENING = datetime(2025, 9, 1, 8, tzinfo=UTC)


def make(recipe: Recipe, made: Tables) -> Tables:
    """Make the catalogue and the sales of `made`'s customers."""
    customers, addresses = made["shop.customers"], made["shop.addresses"]
    categories = _categories()
    products = _products(recipe, len(categories))
    orders = _orders(recipe, customers, addresses)
    items = _items(recipe, orders, products)
    shipments = _shipments(recipe, orders, customers)
    return {
        "shop.categories": categories,
        "shop.products": products,
        "shop.favourites": _favourites(recipe, customers, products),
        "shop.orders": orders,
        "shop.order_items": items,
        "shop.shipments": shipments,
        "shop.shipment_items": shipments.join(items, on="order_id", maintain_order="left").select(
            "tracking_code", "order_id", "line_no"
        ),
        "shop.payments": _payments(recipe, orders, items, customers),
        "shop.bookings": _bookings(recipe, customers),
    }


def _categories() -> pl.DataFrame:
    parents = [(number, None, name) for number, name in enumerate(CATEGORIES, start=1)]
    children = [(parent, child) for parent, _, name in parents for child in CATEGORIES[name]]
    below = [
        (number, parent, name)
        for number, (parent, name) in enumerate(children, start=len(parents) + 1)
    ]
    return pl.DataFrame([*parents, *below], schema=["id", "parent_id", "name"], orient="row")


def _products(recipe: Recipe, categories: int) -> pl.DataFrame:
    rng, rows = recipe.chance("products"), recipe.rows("products")
    number = pl.Series(range(1000, 1000 + rows)).cast(pl.String)
    make, thing = pick(rng, rows, MAKES), pick(rng, rows, THINGS)
    shape = pl.DataFrame({"colour": pick(rng, rows, ("red", "blau", "vert")), "material": make})
    return pl.DataFrame(
        {
            "sku": pattern(rng, rows, "???-") + number,
            "category_id": pl.Series(rng.integers(1, categories + 1, rows)),
            "name": thing + ", " + make,
            "description": where(often(rng, rows, 0.1), "", "A " + make + " " + thing + "."),
            "price": pattern(rng, rows, "%#.#9"),
            "weight": sometimes(rng, pattern(rng, rows, "#.%#########"), 0.8),
            "keywords": sometimes(rng, "{" + make + ',"made in ' + thing + '"}', 0.7),
            "attributes": shape.select(pl.struct(pl.all()).struct.json_encode()).to_series(),
        }
    )


def _favourites(recipe: Recipe, customers: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    rng, rows = recipe.chance("favourites"), len(customers)
    drawn = pl.DataFrame(
        {
            "customer_id": customers["id"].gather(rng.integers(0, len(customers), rows)),
            "sku": products["sku"].gather(skewed(rng, np.full(rows, len(products)))),
        }
    )
    return drawn.unique(maintain_order=True)


def _orders(recipe: Recipe, customers: pl.DataFrame, addresses: pl.DataFrame) -> pl.DataFrame:
    rng, rows = recipe.chance("orders"), recipe.rows("orders")
    buyer = skewed(rng, np.full(rows, len(customers)))
    home = addresses[buyer]  # the default address of a customer stands in the customer's row
    status = pl.Series(list(STATUSES)).gather(quotas(rng, rows, STATUSES))
    placed = moments(rng, rows, date(2024, 7, 1), date(2025, 12, 20))
    shipped = placed + pl.Series(rng.integers(3600, 500_000, rows) * 1_000_000).cast(
        pl.Duration("us")
    )
    label = home["recipient"] + "\n" + home["street"] + "\n" + home["postcode"] + " " + home["city"]
    return pl.DataFrame(
        {
            "id": pl.Series(range(50_001, 50_001 + rows)),
            "customer_id": home["customer_id"],
            "address_id": where((status != "cart").to_numpy(), home["id"], None),
            "status": status,
            "ship_to": where((status != "cart").to_numpy(), label, None),
            "placed_at": placed,
            "shipped_at": where(status.is_in(PARCELLED).to_numpy(), shipped, None),
        }
    )


def _items(recipe: Recipe, orders: pl.DataFrame, products: pl.DataFrame) -> pl.DataFrame:
    rng = recipe.chance("items")
    per_order = rng.integers(1, 4, len(orders))
    order = np.repeat(np.arange(len(orders)), per_order)
    line = np.arange(len(order)) - np.repeat(np.cumsum(per_order) - per_order, per_order) + 1
    product = skewed(rng, np.full(len(order), len(products)))
    return pl.DataFrame(
        {
            "order_id": orders["id"].gather(order),
            "line_no": pl.Series(line),
            "sku": products["sku"].gather(product),
            "quantity": pl.Series(rng.integers(1, 5, len(order))),
            "unit_price": products["price"].gather(product),
        }
    )


def _shipments(recipe: Recipe, orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    rng = recipe.chance("shipments")
    sent = orders.filter(orders["status"].is_in(PARCELLED))
    to = _customers_of(sent, customers)
    number = distinct(rng, len(sent), digits=10)
    return pl.DataFrame(
        {
            "tracking_code": "JJD0099" + number,
            "order_id": sent["id"],
            "recipient": full_name(to),
            "recipient_phone": to["phone"],
        }
    )


def _payments(
    recipe: Recipe, orders: pl.DataFrame, items: pl.DataFrame, customers: pl.DataFrame
) -> pl.DataFrame:
    """Pay what was ordered: a customer keeps the same card and the same account."""
    rng = recipe.chance("payments")
    means = customers.select("id").with_columns(
        card=cards(rng, len(customers)),
        iban=ibans(rng, customers["country_code"].to_numpy().astype("U2")),
    )
    total = items.group_by("order_id", maintain_order=True).agg(
        amount=(pl.col("quantity") * pl.col("unit_price").cast(pl.Decimal(38, 2))).sum()
    )
    paid = (
        orders.filter(orders["status"].is_in(PAID))
        .join(total, left_on="id", right_on="order_id", maintain_order="left")
        .join(means, left_on="customer_id", right_on="id", maintain_order="left")
    )
    rows = len(paid)
    wish = pick(rng, rows, ("card", "card", "direct debit", "direct debit", "invoice"))
    no_account = (paid["iban"].is_null() & (wish == "direct debit")).to_numpy()
    method = where(no_account, "card", wish)
    by_card, by_debit = (method == "card").to_numpy(), (method == "direct debit").to_numpy()
    holder = full_name(_customers_of(paid, customers)).str.to_uppercase()
    expires = date(2026, 1, 1)
    return pl.DataFrame(
        {
            "id": pattern(rng, rows, UUID),
            "order_id": paid["id"],
            "method": method,
            "amount": paid["amount"].cast(pl.String) + pattern(rng, rows, "########"),
            "card_number": where(by_card, paid["card"], None),
            "card_holder": where(by_card, holder, None),
            "card_expires": where(by_card, pl.Series([expires] * rows).dt.offset_by("17mo"), None),
            "iban": where(by_debit, paid["iban"], None),
            "paid_at": paid["placed_at"].dt.offset_by("90m"),
        }
    )


def _bookings(recipe: Recipe, customers: pl.DataFrame) -> pl.DataFrame:
    """Book rooms hour by hour, so that no two bookings of a room touch."""
    rng, rows = recipe.chance("bookings"), recipe.rows("bookings")
    guest = customers[rng.integers(0, len(customers), rows)]
    slot = pl.Series(np.arange(rows) // ROOMS * 60)
    begin = pl.Series([OPENING] * rows) + slot.cast(pl.Duration("us")) * 60_000_000
    end = begin + pl.Series([timedelta(minutes=45)] * rows)
    form = "%Y-%m-%d %H:%M:%S+00"
    code = guest["country_code"].to_numpy().astype("U2")
    return pl.DataFrame(
        {
            "id": pl.Series(range(1, rows + 1)),
            "room": pl.Series(np.arange(rows) % ROOMS + 1),
            "customer_id": guest["id"],
            "booked_for": full_name(guest) + ", " + phones(rng, code),
            "during": '["' + begin.dt.to_string(form) + '","' + end.dt.to_string(form) + '")',
        }
    )


def _customers_of(orders: pl.DataFrame, customers: pl.DataFrame) -> pl.DataFrame:
    return orders.select("customer_id").join(
        customers, left_on="customer_id", right_on="id", how="left", maintain_order="left"
    )
