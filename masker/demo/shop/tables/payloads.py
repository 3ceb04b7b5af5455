"""The JSON documents of the event log: people nested in objects and arrays, in five forms."""

from __future__ import annotations

import numpy as np
import polars as pl

from masker.demo.shop.chance import UUID, pattern, pick
from masker.demo.shop.numbers import ibans, phones

KINDS = ("order.placed", "login", "mail.sent", "profile.changed", "import")


def payloads(
    rng: np.random.Generator, actor: pl.DataFrame, home: pl.DataFrame
) -> tuple[pl.Series, pl.Series]:
    """Return kind and JSON document of each row's event; `actor` and `home` are aligned."""
    rows = len(actor)
    code = actor["country_code"].to_numpy().astype("U2")
    known = pl.DataFrame(
        {
            "kind": pick(rng, rows, KINDS),
            "name": actor["first_name"] + " " + actor["last_name"],
            "first": actor["first_name"],
            "email": actor["email"],
            "phone": actor["phone"],
            "born": actor["date_of_birth"].dt.to_string("%Y-%m-%d"),
            "old_phone": phones(rng, code),
            "iban": ibans(rng, code),
            "street": home["street"],
            "city": home["city"],
            "postcode": home["postcode"],
            "ip": "10." + pattern(rng, rows, "%#.1#.%"),
            "device": pattern(rng, rows, UUID),
            "amount": pl.Series(rng.integers(100, 90_000, rows)),
        }
    )
    other = known.select(pl.all().shuffle(7).name.prefix("other_"))
    third = known.select("name", "email").reverse().rename({"name": "cc", "email": "cc_email"})
    wide = pl.concat([known, other, third], how="horizontal")
    by_kind = dict(zip(KINDS, (_order(), _login(), _mail(), _profile(), _import()), strict=True))
    document = pl.coalesce(
        pl.when(pl.col("kind") == kind).then(form.struct.json_encode())
        for kind, form in by_kind.items()
    )
    return known["kind"], wide.select(document).to_series()


def _person() -> pl.Expr:
    return pl.struct("name", "email", contact=pl.struct("phone", "ip"))


def _order() -> pl.Expr:
    address = pl.struct("street", "postcode", "city")
    return pl.struct(actor=_person(), amount="amount", ship_to=address, coupons=_nothing())


def _login() -> pl.Expr:
    device = pl.struct(id="device", owner="name", label=pl.col("first") + "'s phone 📱")
    return pl.struct(ip="ip", device=device, geo=pl.lit(None), ok=pl.lit(value=True))


def _mail() -> pl.Expr:
    recipients = pl.concat_list(
        pl.struct(name="name", email="email", phones=pl.concat_list("phone", "old_phone")),
        pl.struct(name="cc", email="cc_email", phones=_nothing()),
    )
    return pl.struct(
        subject=pl.lit("Re: ") + pl.col("name"), recipients=recipients, headers=_headers()
    )


def _headers() -> pl.Expr:
    return pl.struct(
        pl.concat_str(pl.col("name"), pl.lit(" <"), "email", pl.lit(">")).alias("Reply-To"),
        pl.lit('a\ttab, a \\ and a "quote"\nand a second line').alias("X-Odd"),
    )


def _profile() -> pl.Expr:
    phone = pl.struct(old="old_phone", new="phone")
    address = pl.struct(old=pl.struct("street", "city"), new=pl.lit(None))
    return pl.struct(
        actor=_person(),
        changes=pl.struct(phone=phone, address=address, emails=pl.concat_list("email", "cc_email")),
        note=pl.lit(""),
    )


def _import() -> pl.Expr:
    def entry(prefix: str) -> pl.Expr:
        return pl.struct(
            person=pl.struct(name=f"{prefix}name", born=f"{prefix}born"),
            accounts=pl.concat_list(pl.struct(iban=f"{prefix}iban")),
        )

    return pl.struct(
        batch=pl.concat_list(entry(""), entry("other_")),
        line=pl.concat_list(pl.concat_list("name", "city"), pl.concat_list("cc", "cc_email")),
        version=pl.lit(3),
    )


def _nothing() -> pl.Expr:
    return pl.lit(pl.Series([[]], dtype=pl.List(pl.String)))
