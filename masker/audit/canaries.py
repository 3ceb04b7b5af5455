"""Made-up values that are planted in memory to prove that the search finds what it looks for."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from dataclasses import dataclass

import polars as pl

from masker.audit.sieve import Origin
from masker.evidence.exposure import traces
from masker.evidence.fingerprints import Fingerprinter, PrintSet
from masker.evidence.run_key import RunKey


@dataclass(frozen=True, slots=True)
class Canary:
    """A made-up value, the transformer it would have been masked by, and disguises of it."""

    name: str
    use: str
    value: str
    disguises: tuple[str, ...]


def canaries() -> tuple[Canary, ...]:
    """Make fresh values, one per form in which values are looked for."""
    word, digits = secrets.token_hex(6), "".join(secrets.choice("23456789") for _ in range(13))
    mail = f"{word}.q7@{word}.example"
    grouped = f"+{digits[:2]} ({digits[2:5]}) {digits[5:9]}-{digits[9:]}"
    bank = f"ZZ{digits}{digits[:5]}"
    name = f"Q{word} X{word[::-1]}"
    return (
        Canary("upper-cased e-mail", "email", mail, (mail.upper(),)),
        Canary("e-mail in a sentence", "email", mail, (f"Ask {mail}, or wait.",)),
        Canary("e-mail in JSON", "email", mail, (f'{{"to": ["x", "{mail}"]}}',)),
        Canary("e-mail as a lexeme", "email", mail, (f"'{mail}':3A 'ask':1",)),
        Canary("local part of an e-mail", "email", mail, (f"user {word}.q7 left",)),
        Canary("local part elsewhere", "email", mail, (f"{word}.q7@{word[::-1]}.example",)),
        Canary("number in other groups", "phone", digits, (grouped, f"call {grouped} now")),
        Canary("number in bare digits", "phone", grouped, (digits, f"call {digits} now.")),
        Canary("account in groups", "iban", bank, (f"to {bank[:4]} {bank[4:8]} {bank[8:]}.",)),
        Canary("full name in a sentence", "full_name", name, (f"Dear {name.upper()}! How are",)),
        Canary("token", "token", f"{word}{digits}", (f"key={word}{digits};",)),
    )


def sought(made: tuple[Canary, ...], *, key: RunKey) -> Iterator[tuple[Origin, PrintSet]]:
    """Yield the fingerprints of each canary under an origin without a place."""
    fingerprint = Fingerprinter(key)
    for canary in made:
        for exposure, form, texts in traces(canary.use, pl.Series([canary.value])).found:
            prints = PrintSet()
            prints.add(fingerprint(texts), key)
            yield Origin(None, exposure, form), prints
