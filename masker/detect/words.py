"""The words by which columns name personal data, and the kinds of column that hold it."""

from __future__ import annotations

from collections.abc import Mapping

from masker.catalog import Kind
from masker.detect import words_health, words_numbers, words_people
from masker.detect.entities import Entity

_TEXT = frozenset({Kind.TEXT})
_NUMBER = frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL})
_DATE = frozenset({Kind.TEXT, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
# Kinds that hold many values, or one that only a program reads.
DOCUMENTS = frozenset({Kind.JSON, Kind.XML, Kind.BYTES, Kind.OTHER, Kind.COMPOSITE})
# Kinds whose values tell by their check digits or as dates alone.
NUMBERS = frozenset({Kind.INTEGER, Kind.DECIMAL, Kind.DATE, Kind.TIMESTAMP, Kind.TIMESTAMP_TZ})
_SECRET = frozenset({Kind.TEXT, Kind.BYTES, Kind.UUID, Kind.INTEGER, Kind.JSON})

# The kinds of column in which an entity can be; text where nothing is said.
KINDS: Mapping[Entity, frozenset[Kind]] = {
    Entity.PHONE_NUMBER: _NUMBER,
    Entity.POSTCODE: _NUMBER,
    Entity.COORDINATES: frozenset({Kind.TEXT, Kind.DECIMAL, Kind.FLOAT, Kind.GEOMETRY, Kind.OTHER}),
    Entity.DATE_OF_BIRTH: _DATE | {Kind.INTEGER},
    Entity.NATIONAL_ID: _NUMBER,
    Entity.IP_ADDRESS: frozenset({Kind.TEXT, Kind.INET}),
    Entity.MAC_ADDRESS: frozenset({Kind.TEXT, Kind.INET, Kind.OTHER}),
    Entity.DEVICE_ID: frozenset({Kind.TEXT, Kind.UUID}),
    Entity.FREE_TEXT: _TEXT,
    Entity.CREDIT_CARD: _NUMBER,
    Entity.CARD_SECURITY_CODE: _NUMBER,
    Entity.BANK_ACCOUNT: _NUMBER,
    Entity.TAX_ID: _NUMBER,
    Entity.SALARY: frozenset({Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.FLOAT}),
    Entity.PASSWORD: frozenset({Kind.TEXT, Kind.BYTES}),
    Entity.SECRET: _SECRET,
    Entity.MFA_SECRET: _SECRET | {Kind.ARRAY},
    Entity.SESSION: _SECRET,
    Entity.DIAGNOSIS: frozenset({Kind.TEXT, Kind.ENUM}),
    Entity.MEDICAL_CODE: frozenset({Kind.TEXT, Kind.ENUM}),
    Entity.MEDICATION: frozenset({Kind.TEXT, Kind.ENUM}),
    Entity.BLOOD_TYPE: frozenset({Kind.TEXT, Kind.ENUM}),
    Entity.PATIENT_ID: frozenset({Kind.TEXT, Kind.INTEGER}),
    Entity.HEALTH_INSURANCE: _NUMBER,
    Entity.NRP: frozenset({Kind.TEXT, Kind.ENUM}),
    Entity.DEMOGRAPHIC: frozenset({Kind.TEXT, Kind.INTEGER, Kind.ENUM}),
    Entity.PHOTO: frozenset({Kind.TEXT, Kind.BYTES, Kind.OID, Kind.VECTOR}),
    Entity.OPAQUE_DATA: DOCUMENTS | _TEXT,
}
TEXT_ONLY = _TEXT

PHRASES: Mapping[Entity, str] = {
    **words_people.PHRASES,
    **words_numbers.PHRASES,
    **words_health.PHRASES,
}
# How sure a phrase is as the whole name of a column; what is not named here is as sure as can be.
SURE: Mapping[Entity, float] = {Entity.OPAQUE_DATA: 0.75, Entity.FILE_PATH: 0.8}
