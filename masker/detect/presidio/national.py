"""National numbers: which of Presidio's recognizers a country enables, and some by python-stdnum.

Only those are here whose checksum or form leaves few coincidences. Passports, licence plates, bank
accounts and postcodes that are just a few letters and digits are left to the names of columns.
"""

from __future__ import annotations

import importlib
from collections.abc import Iterator

import presidio_analyzer.predefined_recognizers as shelf
from presidio_analyzer import Pattern, PatternRecognizer

from masker.detect.entities import Entity
from masker.detect.presidio.floors import FLOOR

_ID, _TAX = Entity.NATIONAL_ID, Entity.TAX_ID

# ISO 3166-1 code -> names of Presidio's classes and what they find.
PRESIDIO: dict[str, dict[str, Entity]] = {
    "AU": {"AuTfnRecognizer": _TAX, "AuMedicareRecognizer": _ID},
    "CA": {"CaSinRecognizer": _ID},
    "DE": {
        "DeTaxIdRecognizer": _TAX,
        "DeVatIdRecognizer": _TAX,
        "DeSocialSecurityRecognizer": _ID,
        "DeHealthInsuranceRecognizer": _ID,
        "DeIdCardRecognizer": _ID,
    },
    "ES": {"EsNifRecognizer": _ID, "EsNieRecognizer": _ID},
    "FI": {"FiPersonalIdentityCodeRecognizer": _ID},
    "GB": {"NhsRecognizer": _ID, "UkNinoRecognizer": _ID, "UkDrivingLicenceRecognizer": _ID},
    "IN": {"InAadhaarRecognizer": _ID, "InPanRecognizer": _TAX},
    "IT": {"ItFiscalCodeRecognizer": _ID, "ItVatCodeRecognizer": _TAX},
    "KR": {"KrRrnRecognizer": _ID, "KrFrnRecognizer": _ID},
    "NG": {"NgNinRecognizer": _ID},
    "PL": {"PlPeselRecognizer": _ID},
    "SE": {"SePersonnummerRecognizer": _ID},
    "SG": {"SgFinRecognizer": _ID},
    "TH": {"ThTninRecognizer": _ID},
    "TR": {"TrNationalIdRecognizer": _ID},
    "US": {"UsSsnRecognizer": _ID, "UsItinRecognizer": _TAX, "UsMbiRecognizer": _ID},
    "ZA": {"ZaIdNumberRecognizer": _ID},
}

# ISO 3166-1 code -> modules of python-stdnum, what they find, how it is written, words before it.
STDNUM: dict[str, tuple[tuple[str, Entity, str, str], ...]] = {
    "AT": (("at.vnr", _ID, r"\b\d{4}[ ]?\d{6}\b", "svnr sozialversicherungsnummer"),),
    "BE": (("be.nn", _ID, r"\b\d{2}\.?\d{2}\.?\d{2}[- ]?\d{3}\.?\d{2}\b", "rijksregister nn"),),
    "BR": (("br.cpf", _ID, r"\b\d{3}\.?\d{3}\.?\d{3}-?\d{2}\b", "cpf"),),
    "CH": (("ch.ssn", _ID, r"\b756\.?\d{4}\.?\d{4}\.?\d{2}\b", "ahv avs"),),
    "CZ": (("cz.rc", _ID, r"\b\d{6}/?\d{3,4}\b", "rodné rc"),),
    "DK": (("dk.cpr", _ID, r"\b\d{6}-?\d{4}\b", "cpr"),),
    "FR": (("fr.nir", _ID, r"\b[12] ?\d{2} ?\d{2} ?[\dAB]{2} ?\d{3} ?\d{3} ?\d{2}\b", "nir secu"),),
    "NL": (("nl.bsn", _ID, r"\b\d{3}[. ]?\d{2}[. ]?\d{4}\b", "bsn burgerservicenummer"),),
    "NO": (("no.fodselsnummer", _ID, r"\b\d{6}[ ]?\d{5}\b", "fødselsnummer"),),
    "PT": (("pt.nif", _TAX, r"\b\d{3} ?\d{3} ?\d{3}\b", "nif contribuinte"),),
    "RO": (("ro.cnp", _ID, r"\b\d{13}\b", "cnp"),),
}

COUNTRIES = tuple(sorted({*PRESIDIO, *STDNUM}))


class Numbered(PatternRecognizer):
    """A national number that python-stdnum validates; what does not validate is no finding."""

    def __init__(self, module: str, entity: Entity, expression: str, context: str) -> None:
        self._number = importlib.import_module(f"stdnum.{module}")
        super().__init__(
            supported_entity=str(entity),
            name=module.replace(".", "_"),
            patterns=[Pattern(module, expression, FLOOR)],
            context=context.split(),
        )

    def validate_result(self, pattern_text: str) -> bool:
        """Tell whether form and checksum fit."""
        return bool(self._number.is_valid(pattern_text))


def national(countries: tuple[str, ...]) -> Iterator[PatternRecognizer]:
    """Make the recognizers of these countries (ISO 3166-1 codes); some countries have none."""
    for country in countries:
        for name, entity in PRESIDIO.get(country, {}).items():
            made = getattr(shelf, name)(supported_language="en", supported_entity=str(entity))
            made.score_thresholds = {str(entity): FLOOR}
            yield made
        for module, entity, expression, context in STDNUM.get(country, ()):
            numbered = Numbered(module, entity, expression, context)
            numbered.score_thresholds = {str(entity): FLOOR}
            yield numbered
