"""Presidio's recognizers that hold for every country, mended for database columns.

Stock recognizers call whole numbers cards, versions IP addresses, and miss e-mail addresses of
private domains. Each class here says in its docstring what it does differently.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import tldextract
from phonenumbers import Leniency, PhoneNumberMatcher
from phonenumbers.phonenumberutil import _VALID_PUNCTUATION
from presidio_analyzer import EntityRecognizer, Pattern, RecognizerResult
from presidio_analyzer.predefined_recognizers import (
    CreditCardRecognizer,
    CryptoRecognizer,
    EmailRecognizer,
    IbanRecognizer,
    IpRecognizer,
    MacAddressRecognizer,
    PhoneRecognizer,
)

from masker.detect.entities import Entity
from masker.detect.presidio.floors import FLOOR, WEAK

# Endings of private and documentation domains, which no public list of suffixes holds:
# RFC 2606, 6761, 6762, 8375 and common practice.
_PRIVATE = (
    "alt corp example home home.arpa internal intranet invalid lan local localdomain localhost "
    "onion private test"
)
_PRIVATE_ENDINGS = tuple(f".{name}" for name in _PRIVATE.split())


# Behind a date; in a syntax that Python and Rust share
_CLOCK = (
    r"[T ][0-9]{1,2}:[0-9]{2}(?::[0-9]{2}(?:[.,][0-9]+)?)?"
    r" ?(?:Z|[A-Z]{3,4}|[+-][0-9]{2}(?::?[0-9]{2})?)?"
)


class Email(EmailRecognizer):
    """Finds addresses of private domains (`.local`, `.internal`, `localhost`), too.

    The public suffix list is the one that tldextract carries; the network is not asked. What a log
    calls an address (`user=anna@firma.de`) is none of it, though RFC 5322 would let it be.
    """

    _CALLED = re.compile(r"[A-Za-z_]{2,20}=(?=[^=@]+@)")

    def __init__(self) -> None:
        local = r"\b[\w!#$%&'*+\-/=?^`{|}~.]{1,64}@localhost\b(?![.-]?\w)"
        super().__init__(
            patterns=[*self.PATTERNS, Pattern("Email (localhost)", local, 0.5)], name="email"
        )
        self._domain = tldextract.TLDExtract(suffix_list_urls=(), cache_dir=None)

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: Any = None,
        regex_flags: int | None = None,
    ) -> list[Any]:
        """Find addresses, without the word that a log sets before them."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for each in found:
            called = self._CALLED.match(text, each.start, each.end)
            each.start = called.end() if called else each.start
        return found

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether the domain ends in a public suffix or a private one."""
        domain = pattern_text.rpartition("@")[2].lower()
        if domain == "localhost" or domain.endswith(_PRIVATE_ENDINGS):
            return True
        return bool(self._domain(domain).fqdn)


def _blot(size: int) -> str:
    return "x" * size


def _blotted(found: re.Match[str]) -> str:
    return _blot(len(found[0]))


class Phone(PhoneRecognizer):
    """Scores a number by how it is written; one that is only digits needs a word before it.

    Numbers with less than seven digits, dates, decimals, addresses of machines and values that are
    nothing but a whole number are no telephone numbers: in databases they are counters, amounts
    and moments.
    """

    INTERNATIONAL = 0.75
    WRITTEN = 0.55  # has blanks, brackets, strokes
    DIGITS = 0.25  # 0.6 behind a word such as phone; `number` is none, as in order number
    WORDS = (
        "phone phones phonenumber telephone telephones tel telno cell cellphone mobile mobil "
        "mobilephone fax whatsapp sms call gsm msisdn telefon telefonnummer rufnummer handy "
        "telefono teléfono telefone téléphone celular cellulare móvil movil telemóvel telefoon "
        "komórka kom"
    )

    # Values that are nothing but a whole number, a moment, a decimal, a UUID, a machine's address
    # or version, an IBAN, a card or a browser; what Rust and Python read alike, as both use them.
    NEVER = (
        r"[ \t]*(?:[1-9][0-9]*|0[0-9]{0,6}|0[0-9]{15,})[ \t]*",
        rf"[ \t]*[0-9]{{4}}[-/.][0-9]{{1,2}}[-/.][0-9]{{1,2}}(?:{_CLOCK})?[ \t]*",
        r"[ \t]*[+-]?[0-9]+[.,][0-9]+[ \t]*",
        r"[0-9A-Fa-f]{8}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{4}-[0-9A-Fa-f]{12}",
        r"[0-9]{1,3}(?:\.[0-9]{1,5}){2,3}(?:/[0-9]{1,2})?",
        r"[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){2,7}(?: ?[A-Za-z0-9]{1,3})?",
        r"[0-9]{4}[ -][0-9]{4}[ -][0-9]{4}[ -][0-9]{4}",
        r"(?:Mozilla|Opera|Dalvik)/[0-9][^\n]*",
    )
    _NEVER = re.compile("|".join(f"(?:{never})" for never in NEVER))
    _DATE = re.compile(r"\d{1,4}([-/.])\d{1,2}\1\d{1,4}(?:\D.*)?", re.DOTALL)
    _AMOUNT = re.compile(r"\d{1,3}(?:[ .,]\d{3})*[.,]\d{1,2}|\d+[.,]\d{3,}")
    # Seven digits with at most four of the library's marks between two of them
    SEVEN = rf"\d(?:[{_VALID_PUNCTUATION}]{{0,4}}\d){{6}}"
    _SEVEN = re.compile(SEVEN)
    _AROUND = frozenset("-_#/")
    _NEAR = 5  # characters
    # Accounts, cards and addresses of machines within a text, each read in every region otherwise
    _OTHERS = re.compile(
        r"(?<![\w+.])(?:[A-Za-z]{2}[0-9]{2}(?: ?[A-Za-z0-9]{4}){3,7}(?: ?[A-Za-z0-9]{1,3})?"
        r"|[0-9]{4}([ -]?)[0-9]{4}\1[0-9]{4}\1[0-9]{4}|[0-9]{1,3}(?:\.[0-9]{1,3}){3})(?!\w|\.[0-9])"
    )

    def __init__(self, countries: tuple[str, ...] = ()) -> None:
        regions = dict.fromkeys((*countries, *self.DEFAULT_SUPPORTED_REGIONS))  # likeliest first
        super().__init__(context=self.WORDS.split(), supported_regions=tuple(regions), name="phone")

    def analyze(
        self,
        text: str,
        entities: list[str],  # noqa: ARG002 - Presidio's interface
        nlp_artifacts: Any = None,  # noqa: ARG002
    ) -> list[Any]:
        """Find numbers and score them; see the class."""
        if self._NEVER.fullmatch(text):
            return []
        # As Presidio does, but without reading each number once more for an explanation, or a
        # number in every region that is one in the first
        found: list[RecognizerResult] = []
        left = self._OTHERS.sub(_blotted, text)
        for region in self.supported_regions:
            if not self._SEVEN.search(left):  # what has less is no number, see `_scored`
                break
            matches = list(PhoneNumberMatcher(left, region, leniency=Leniency.VALID))
            for match in matches:
                found.append(self._get_recognizer_result(match, text, region, None))  # type: ignore[no-untyped-call]
                if self._stands_alone(left, match.start, match.end):
                    blot = _blot(match.end - match.start)
                    left = left[: match.start] + blot + left[match.end :]
        once = EntityRecognizer.remove_duplicates(found)
        return [each for each in once if self._scored(each, text)]

    def _stands_alone(self, text: str, start: int, end: int) -> bool:
        """Tell whether no digit is so near that another region may read a longer number."""
        near = text[max(0, start - self._NEAR) : start] + text[end : end + self._NEAR]
        return not any(sign.isdigit() for sign in near)

    def _scored(self, found: RecognizerResult, text: str) -> bool:
        written = text[found.start : found.end]
        before, after = text[found.start - 1 : found.start], text[found.end : found.end + 1]
        if not self._SEVEN.search(written) or self._in_code(before, after):
            return False
        if self._DATE.fullmatch(written) or self._AMOUNT.fullmatch(written):
            return False
        if written.startswith(("+", "(+")) or before == "+":
            found.score = self.INTERNATIONAL
        elif not written.isdecimal() or (written == text.strip() and written.startswith("0")):
            found.score = self.WRITTEN
        else:
            found.score = self.DIGITS
        return True

    def _in_code(self, before: str, after: str) -> bool:
        """Tell whether the number goes on as letters or strokes: the end or start of a code."""
        return (before in self._AROUND or before.isalnum()) or (
            after != "" and (after in {"-", "_"} or after.isalnum())
        )


class Card(CreditCardRecognizer):
    """Asks for an issuer's prefix with its length beside the checksum; knows Mastercard's 2 series.

    A tenth of all whole numbers passes the checksum.
    """

    _ISSUERS = re.compile(
        r"4(?:\d{12}|\d{15}|\d{18})|5[1-5]\d{14}|2(?:2[2-9]|[3-6]\d|7[01])\d{13}|2720\d{12}"
        r"|3[47]\d{13}|3(?:0[0-5]|[689]\d)\d{11}|35\d{14}|6(?:011|5\d\d|4[4-9]\d)\d{12}"
        r"|62\d{14,17}|(?:5018|5020|5038|5893|6304|6759|676[1-3])\d{8,15}"
    )

    def __init__(self) -> None:
        second = r"\b2[2-7]\d{2}[- ]?\d{4}[- ]?\d{4}[- ]?\d{4}\b"
        super().__init__(
            patterns=[*self.PATTERNS, Pattern("Mastercard (2 series)", second, 0.3)], name="card"
        )

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether prefix, length and checksum fit."""
        digits = "".join(str(int(c)) for c in pattern_text if c.isdecimal())
        return bool(self._ISSUERS.fullmatch(digits)) and super().validate_result(digits)


class Iban(IbanRecognizer):
    """Finds IBANs in lower case, too, and asks for the country's whole form."""

    def __init__(self) -> None:
        super().__init__(
            exact_match=True, regex_flags=re.DOTALL | re.MULTILINE | re.IGNORECASE, name="iban"
        )

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether country, form and checksum fit, in any case of letters."""
        plain = pattern_text.upper().replace("-", "").replace(" ", "")
        # The country's form is looked up anew for each number by Presidio, so checksums come first
        if plain.isascii() and plain.isalnum():
            turned = "".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])
            if int(turned) % 97 != 1:  # ISO 13616
                return False
        return bool(super().validate_result(plain))


class Ip(IpRecognizer):
    """Tells addresses from versions: four small parts, or a few letters around `::`, are weak."""

    _SMALL = 32
    _NAME_LIKE = re.compile(r"[A-Za-z]*::[A-Za-z]*")

    def __init__(self) -> None:
        super().__init__(context=["ip", "ipv4", "ipv6", "ipaddress", "ipaddr"], name="ip")

    def analyze(
        self,
        text: str,
        entities: list[str],
        nlp_artifacts: Any = None,
        regex_flags: int | None = None,
    ) -> list[Any]:
        """Find addresses and score what may be a version below the floor."""
        found = super().analyze(text, entities, nlp_artifacts, regex_flags)
        for each in found:
            if self._doubtful(text[each.start : each.end]):
                each.score = min(each.score, WEAK)
        return found

    def _doubtful(self, written: str) -> bool:
        parts = written.partition("/")[0].split(".")
        if len(parts) == 4 and all(part.isdecimal() for part in parts):  # noqa: PLR2004
            return all(int(part) < self._SMALL for part in parts) and parts[0] != "10"
        return bool(self._NAME_LIKE.fullmatch(written))


class Mac(MacAddressRecognizer):
    """Takes three dotted groups that are all digits for a number."""

    def __init__(self) -> None:
        super().__init__(name="mac")

    def invalidate_result(self, pattern_text: str) -> bool:
        """Tell whether this is no address."""
        if "." in pattern_text and pattern_text.replace(".", "").isdecimal():
            return True
        return bool(super().invalidate_result(pattern_text))


def generic(countries: tuple[str, ...]) -> Iterator[EntityRecognizer]:
    """Make the recognizers that hold everywhere; `countries` are further numbering plans."""
    for made, entity in (
        (Email(), Entity.EMAIL_ADDRESS),
        (Phone(countries), Entity.PHONE_NUMBER),
        (Card(), Entity.CREDIT_CARD),
        (Iban(), Entity.IBAN_CODE),
        (Ip(), Entity.IP_ADDRESS),
        (Mac(), Entity.MAC_ADDRESS),
        (CryptoRecognizer(name="crypto"), Entity.CRYPTO),
    ):
        made.supported_entities = [str(entity)]
        made.score_thresholds = {str(entity): FLOOR}
        yield made
