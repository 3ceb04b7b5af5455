"""Recognizers of forms that Presidio has none for: browsers, secrets, hashes, streets, firms."""

from __future__ import annotations

import re
from collections.abc import Iterator

from presidio_analyzer import Pattern, PatternRecognizer

from masker.detect.entities import Entity
from masker.detect.presidio.floors import FLOOR

_EXACT = re.DOTALL | re.MULTILINE
_LETTERS = r"[^\W\d_]"
_WORD = rf"{_LETTERS}[\w'’.-]{{0,30}}"  # noqa: RUF001 - the apostrophe that people type
_CAPITAL = rf"(?=[^\W\d_])(?![a-zß-öø-ÿ]){_WORD}"
_NAME = rf"[ \t]+(?:{_WORD}[ \t]+){{0,5}}{_WORD}"
_HOUSE = r"\d{1,4}(?:\s?[-/]\s?\d{1,4})?\s?[a-zA-Z]?(?!\w)"

_ROADS = (
    "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Way|Terrace|Close|"
    "Crescent|Square|Parkway|Pkwy|Highway|Hwy|Circle|Trail|Alley|Gardens|Grove|Mews"
)
# Endings of one word with the name; `Spring 2024`, `Brigade 7` and `Rang und Platz 3` are none
_GERMANIC = (
    "straße|strasse|str\\.|weg|gasse|platz|allee|damm|chaussee|straat|laan|plein|gracht|dreef|"
    "gatan|vägen|veien|katu"
)
_ROMANCE = (
    "[Rr]ue|[Aa]venue|[Bb]oulevard|[Cc]hemin|[Aa]llée|[Ii]mpasse|[Qq]uai|Via|Viale|Piazza|Corso|"
    "Largo|[Cc]alle|[Aa]venida|[Pp]aseo|Plaza|[Cc]amino|[Rr]ua|[Tt]ravessa|[Pp]raça|[Aa]lameda|"
    "[Uu]lica|[Uu]l\\.|[Aa]leja|[Aa]l\\.|[Oo]s\\.|[Ss]trada|[Bb]ulevardul"
)
_FRENCH = "rue|avenue|boulevard|chemin|allée|impasse|quai"
_FIRMS = (
    r"GmbH(?:\s?&\s?Co\.?\s?KG)?|gGmbH|AG|KGaA|OHG|e\.\s?V\.|e\.K\.|Ltd\.?|Limited|LLC|L\.L\.C\.|"
    r"Inc\.?|Corp\.?|Corporation|PLC|plc|LLP|S\.A\.(?:S\.|U\.)?|SARL|S\.à\s?r\.l\.|S\.r\.l\.|"
    r"S\.p\.A\.|S\.L\.(?:U\.)?|Ltda\.?|B\.V\.|N\.V\.|Sp\.\s?z\s?o\.\s?o\.|ApS|A/S|Oyj?|Pty\.?\sLtd\.?"
)

# entity, name, score, case counts, expressions
_FORMS: tuple[tuple[Entity, str, float, bool, tuple[str, ...]], ...] = (
    (
        Entity.USER_AGENT,
        "user_agent",
        0.85,
        True,
        (r"\b(?:Mozilla/\d\.\d \(|Opera/\d+\.\d+ \(|Dalvik/\d)[^\n\"]{0,400}",),
    ),
    (
        Entity.SECRET,
        "secret",
        0.9,
        True,
        (
            r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]*",
            r"-----BEGIN (?:[A-Z]+ )*PRIVATE KEY-----",
            r"\b(?:AKIA|ASIA)[0-9A-Z]{16}\b",
            r"\bgh[pousr]_[A-Za-z0-9]{36,}\b",
            r"\bxox[abprs]-[A-Za-z0-9-]{10,}",
            r"\b[sr]k_(?:live|test)_[A-Za-z0-9]{16,}",
            r"\bAIza[\w-]{35}\b",
            r"\b[a-z][a-z0-9+.-]{1,20}://[^/\s:@]{1,100}:[^/\s:@]{1,100}@",
        ),
    ),
    (
        Entity.PASSWORD,
        "password_hash",
        0.9,
        True,
        (
            r"\$2[abxy]?\$\d\d\$[./A-Za-z0-9]{53}",
            r"\$argon2(?:id|i|d)\$v=\d+\$",
            r"\$(?:1|5|6|y|7|scrypt)\$[^\s$]{1,40}\$[^\s$]{8,}",
            r"\b(?:pbkdf2(?:[_:]\w+)?|scrypt|bcrypt_sha256)[$:]\d[^\s]{20,}",
            r"\{(?:SSHA|SHA|SMD5|CRYPT|SSHA512)\}[\w+/=]{16,}",
        ),
    ),
    (
        Entity.STREET_ADDRESS,
        "street",
        0.7,
        True,
        (
            rf"\b\d{{1,6}}[A-Za-z]?,?[ \t]+(?:{_CAPITAL}[ \t]+){{1,4}}(?:{_ROADS})\b\.?",
            rf"\b{_CAPITAL}(?:[ -]{_WORD}){{0,3}}-?(?i:{_GERMANIC})[ \t]+{_HOUSE}",
            rf"\b{_CAPITAL}[ -](?:[Ss]tra(?:ß|ss)e|[Ss]tr\.)[ \t]+{_HOUSE}",
            rf"\b(?:{_ROMANCE}){_NAME},?[ \t]+(?:[nN][º°.]?\s?)?{_HOUSE}",
            rf"\b\d{{1,4}}(?:[ \t]?(?:bis|ter))?,?[ \t]+(?i:{_FRENCH}){_NAME}",
        ),
    ),
    (
        Entity.ORGANIZATION,
        "legal_form",
        0.7,
        True,
        (rf"\b(?:(?:{_CAPITAL}|&|und|and|et|y|e),?[ \t]+){{1,6}}(?:{_FIRMS})(?!\w)",),
    ),
    (
        Entity.URL,
        "url",
        0.6,
        False,
        (r"\b(?:https?|ftps?)://[^\s\"'<>]{3,2000}",),
    ),
)


def forms() -> Iterator[PatternRecognizer]:
    """Make one recognizer per kind of form."""
    for entity, name, score, cased, expressions in _FORMS:
        made = PatternRecognizer(
            supported_entity=str(entity),
            name=name,
            patterns=[
                Pattern(f"{name} {number}", expression, score)
                for number, expression in enumerate(expressions, 1)
            ],
            global_regex_flags=_EXACT if cased else _EXACT | re.IGNORECASE,
        )
        made.score_thresholds = {str(entity): FLOOR}
        yield made
