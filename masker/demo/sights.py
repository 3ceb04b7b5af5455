"""What the demo shows: the same rows of production and of staging, side by side.

The shop is made up, so its source values may be shown; a run of masker never shows any.
"""

from __future__ import annotations

from dataclasses import dataclass

from masker.engines.postgres.address import Address
from masker.engines.postgres.session import Session, Side

NAMED, OTHERS = 4, 1  # customers whose address holds their name, and ones whose does not
PEOPLE = NAMED + OTHERS
EXCERPT = 80  # characters of a long text

# One customer, wherever the shop knows them; each statement takes the customer's id.
PLACES: tuple[tuple[str, str], ...] = (
    ("name", "SELECT display_name FROM shop.customers WHERE id = %s"),
    ("username", "SELECT username FROM shop.customers WHERE id = %s"),
    ("e-mail", "SELECT email FROM shop.customers WHERE id = %s"),
    (
        "e-mail in a mailing",
        (
            "SELECT r.email FROM crm.campaign_recipients r "
            "JOIN shop.customers c USING (email) WHERE c.id = %s LIMIT 1"
        ),
    ),
    ("phone", "SELECT phone FROM shop.customers WHERE id = %s"),
    ("born", "SELECT date_of_birth FROM shop.customers WHERE id = %s"),
    (
        "address",
        (
            "SELECT street || ', ' || postcode || ' ' || city FROM shop.addresses "
            "WHERE customer_id = %s AND is_default"
        ),
    ),
    (
        "loyalty card",
        'SELECT "CardNo" || \'  \' || "Holder" FROM shop."LoyaltyCard" WHERE "Customer Id" = %s',
    ),
    (
        "card",
        (
            "SELECT p.card_number || '  ' || p.card_holder FROM shop.payments p "
            "JOIN shop.orders o ON o.id = p.order_id WHERE o.customer_id = %s "
            "AND p.card_number IS NOT NULL ORDER BY p.order_id LIMIT 1"
        ),
    ),
    (
        "account",
        (
            "SELECT p.iban FROM shop.payments p JOIN shop.orders o ON o.id = p.order_id "
            "WHERE o.customer_id = %s AND p.iban IS NOT NULL ORDER BY p.order_id LIMIT 1"
        ),
    ),
    (
        "event (JSON)",
        (
            "SELECT payload #>> '{actor,name}' || ' <' || (payload #>> '{actor,email}') || '>' "
            "FROM shop.events WHERE customer_id = %s AND payload ? 'actor' ORDER BY id LIMIT 1"
        ),
    ),
    (
        "ticket",
        "SELECT body FROM shop.support_tickets WHERE customer_id = %s ORDER BY id LIMIT 1",
    ),
    (
        "orders, spent",
        (
            "SELECT count(DISTINCT o.id) || ' orders, ' || sum(i.line_total) FROM shop.orders o "
            "JOIN shop.order_items i ON i.order_id = o.id WHERE o.customer_id = %s"
        ),
    ),
)

# `_` is any character between the two: an address that runs them together is no such one.
_NAME = "split_part(c.email, '@', 1) LIKE lower(c.first_name) || '_' || lower(c.last_name) || '%%'"
_NO_NAME = (
    "c.first_name || c.last_name ~ '^[A-Za-z]+$' "  # an address spells other letters its own way
    "AND position(lower(c.last_name) in c.email) + position(lower(c.first_name) in c.email) = 0"
)
# The customer of whom there is most to see, among those whose address holds the name.
_GUIDE = f"""
    SELECT c.id FROM shop.customers c
    ORDER BY {_NAME} DESC,
             (c.date_of_birth IS NOT NULL)::int + (c.phone IS NOT NULL)::int
           + EXISTS (SELECT FROM crm.campaign_recipients r WHERE r.email = c.email)::int
           + EXISTS (SELECT FROM shop."LoyaltyCard" l WHERE l."Customer Id" = c.id)::int
           + EXISTS (SELECT FROM shop.support_tickets t WHERE t.customer_id = c.id)::int
           + EXISTS (SELECT FROM shop.events e WHERE e.customer_id = c.id AND e.payload ? 'actor')::int
           + EXISTS (SELECT FROM shop.orders o JOIN shop.payments p ON p.order_id = o.id
                     WHERE o.customer_id = c.id AND p.card_number IS NOT NULL)::int
           + EXISTS (SELECT FROM shop.orders o JOIN shop.payments p ON p.order_id = o.id
                     WHERE o.customer_id = c.id AND p.iban IS NOT NULL)::int
           DESC, c.id
    LIMIT 1
"""  # noqa: E501 - SQL reads best unbroken
_CHOSEN = f"""
    (SELECT c.id FROM shop.customers c WHERE {_NAME} ORDER BY c.id LIMIT {NAMED})
    UNION ALL
    (SELECT c.id FROM shop.customers c WHERE {_NO_NAME} ORDER BY c.id LIMIT {OTHERS})
"""
_PEOPLE = """
    SELECT id, display_name || E'\\n' || email FROM shop.customers
    WHERE id = ANY(%s) ORDER BY array_position(%s, id)
"""


@dataclass(frozen=True, slots=True)
class Sight:
    """One value in production and what stands in its place in staging."""

    place: str
    production: str
    staging: str

    @property
    def same(self) -> bool:
        """Tell whether it is equal on both sides."""
        return self.production == self.staging


def look(source: str, target: str) -> tuple[tuple[Sight, ...], tuple[Sight, ...]]:
    """Return a few customers, and one customer in every place that knows them.

    `source` and `target` are URLs of roles that may read the whole shop.
    """
    with (
        Session.open(Address.parse(source), side=Side.SOURCE) as production,
        Session.open(Address.parse(target), side=Side.SOURCE) as staging,
    ):
        chosen = [number for (number,) in production.query(_CHOSEN)]
        before = dict(production.query(_PEOPLE, [chosen, chosen]))
        after = dict(staging.query(_PEOPLE, [chosen, chosen]))
        people = tuple(
            Sight(f"customer {number}", text, after.get(number, ""))
            for number, text in before.items()
        )
        guide = production.one(_GUIDE)
        places = tuple(
            Sight(
                place, _excerpt(production.one(sql, [guide])), _excerpt(staging.one(sql, [guide]))
            )
            for place, sql in PLACES
        )
    return people, tuple(sight for sight in places if sight.production)


def _excerpt(value: object) -> str:
    text = " ".join(str("" if value is None else value).split())
    return text if len(text) <= EXCERPT else text[: EXCERPT - 1] + "…"
