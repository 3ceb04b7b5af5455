"""What people write: tickets that name them, and values that break careless programs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import polars as pl

# Each must come through a refresh unchanged where it is kept, and masked where it is not.
AWKWARD: Sequence[str] = (
    "",
    " ",
    "tab\there",
    "line one\nline two\r\nline three",
    "back\\slash and \\t that is no tab",
    "\\N",
    "\\.",
    "ends with a backslash\\",
    "NULL",
    "'single' \"double\" `back` „deutsch“ «français»",
    '{"json": [1, "två"]}, {curly}, $dollar$, %s, ${PATH}, <b>bold</b> & more',
    "emoji 👩‍👩‍👧 🎉 and a flag 🇪🇺",
    "cafe\u0301 decomposed, café composed",
    "\ufeffbegins with a byte order mark",
    "right to left: שלום, مرحبا; 中文, 日本語",
    "non\u00a0breaking, zero\u200bwidth, soft\u00adhyphen",
    "\x01\x1f control characters \x7f",
    "=1+1; DROP TABLE customers; --",
    "long: " + "Lorem ipsum dolor sit amet, consectetur. " * 2500,
    "many lines:\n" + "a line of a long protocol\n" * 4000,
)

TICKETS: Mapping[str, Sequence[str]] = {
    "DE": (
        (
            "Guten Tag,\n\nmein Name ist {name} und ich warte seit zwei Wochen auf meine Bestellung"
            " {order}. Bitte rufen Sie mich unter {phone} an oder schreiben Sie an {email}.\n\n"
            "Mit freundlichen Grüßen\n{name}"
        ),
        (
            "Hallo, hier {first}. Die Rechnung ging an {email}, gehört aber an meine Frau."
            " Rückruf bitte: {phone}. Gruß, {first} {last}"
        ),
        (
            "Frau/Herr {last} hat angerufen ({phone}) und will die Adresse ändern."
            " Bestätigung an <{email}>."
        ),
    ),
    "FR": (
        (
            "Bonjour,\nje m'appelle {name}. Ma commande {order} n'est jamais arrivée."
            "\nTél. : {phone}\nCourriel : {email}\nCordialement, {first}"
        ),
        "Veuillez rappeler M./Mme {last} au {phone}, son adresse {email} ne répond plus.",
    ),
    "ES": (
        (
            "Hola, soy {name}. Quiero devolver el pedido {order}. Llámenme al {phone} o escriban a"
            " {email}. Gracias, {first}"
        ),
        "El cliente {last}, {first} (tel. {phone}, {email}) reclama una factura.",
    ),
    "US": (
        (
            "Hi,\n\nThis is {name}. Order {order} arrived broken. Call me at {phone} or mail"
            " {email}.\n\nThanks,\n{first}"
        ),
        "{last}, {first} called from {phone}: wants a refund for {order}, confirm to {email}",
        'Customer says "I am {name}, not {first} Smith" - wrong merge? Reach: {phone} / {email}',
    ),
}
LANGUAGES: Mapping[str, str] = {"AT": "DE", "IT": "US", "NL": "US", "PL": "US", "GB": "US"}
SUBJECTS = (
    "Where is my order?", "Rechnung falsch", "Retour", "Adresse ändern", "Colis perdu",
    "Cambio de dirección", "Broken on arrival", "Delete my account", "Re: Re: Fwd: Lieferung",
)  # fmt: skip
REMARKS = (
    "met at the trade fair", "prefers a call before noon", "bitte duzen", "n'aime pas les mails",
    "has a dog called Rex", "moved twice", "zahlt immer pünktlich", "VIP", "ask for the new number",
)  # fmt: skip


def write(
    rng: np.random.Generator, country: pl.Series, facts: Mapping[str, pl.Series]
) -> pl.Series:
    """Write one ticket per row in the language of the country, naming what `facts` hold."""
    language = country.replace(dict(LANGUAGES))
    flat = [text for texts in TICKETS.values() for text in texts]
    start = np.cumsum([0, *(len(texts) for texts in TICKETS.values())])
    row_of = {name: number for number, name in enumerate(TICKETS)}
    which = language.replace_strict(row_of).to_numpy()
    size = np.diff(start)[which]
    chosen = start[which] + (rng.random(len(country)) * size).astype(np.int64)
    written = pl.Series(flat).gather(chosen)
    for name, values in facts.items():
        place = "{" + name + "}"
        for _ in range(max(text.count(place) for text in flat)):
            written = pl.select(
                pl.lit(written).str.replace(place, pl.lit(values.fill_null("-")), literal=True)
            ).to_series()
    return written


def with_awkward(values: pl.Series, *, first: int = 3) -> pl.Series:
    """Put every awkward value into a column once, from row `first` on, every second row."""
    rows = pl.Series(range(first, first + 2 * len(AWKWARD), 2), dtype=pl.UInt32)
    return values.clone().scatter(rows, pl.Series(AWKWARD))
