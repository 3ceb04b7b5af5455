"""What personal data is called: Presidio's names where it has one, ours in the same style."""

from __future__ import annotations

import enum


class Entity(enum.StrEnum):
    """A kind of personal or secret data."""

    PERSON = "PERSON"
    FIRST_NAME = "FIRST_NAME"
    LAST_NAME = "LAST_NAME"
    USERNAME = "USERNAME"
    EMAIL_ADDRESS = "EMAIL_ADDRESS"
    PHONE_NUMBER = "PHONE_NUMBER"
    STREET_ADDRESS = "STREET_ADDRESS"
    CITY = "CITY"
    POSTCODE = "POSTCODE"
    REGION = "REGION"
    COUNTRY = "COUNTRY"
    COORDINATES = "COORDINATES"
    ORGANIZATION = "ORGANIZATION"
    DATE_OF_BIRTH = "DATE_OF_BIRTH"
    NATIONAL_ID = "NATIONAL_ID"
    IP_ADDRESS = "IP_ADDRESS"
    MAC_ADDRESS = "MAC_ADDRESS"
    DEVICE_ID = "DEVICE_ID"
    USER_AGENT = "USER_AGENT"
    URL = "URL"
    FREE_TEXT = "FREE_TEXT"
    CREDIT_CARD = "CREDIT_CARD"
    CARD_SECURITY_CODE = "CARD_SECURITY_CODE"
    IBAN_CODE = "IBAN_CODE"
    BIC_CODE = "BIC_CODE"
    BANK_ACCOUNT = "BANK_ACCOUNT"
    TAX_ID = "TAX_ID"
    SALARY = "SALARY"
    CRYPTO = "CRYPTO"
    PASSWORD = "PASSWORD"  # noqa: S105 - the name of a kind of data
    SECRET = "SECRET"  # noqa: S105
    MFA_SECRET = "MFA_SECRET"  # noqa: S105
    SESSION = "SESSION"
    DIAGNOSIS = "DIAGNOSIS"
    MEDICAL_CODE = "MEDICAL_CODE"
    MEDICATION = "MEDICATION"
    BLOOD_TYPE = "BLOOD_TYPE"
    PATIENT_ID = "PATIENT_ID"
    HEALTH_INSURANCE = "HEALTH_INSURANCE"
    NRP = "NRP"  # nationality, religious or political group, as Presidio calls it; origin, too
    DEMOGRAPHIC = "DEMOGRAPHIC"
    PHOTO = "PHOTO"
    FILE_PATH = "FILE_PATH"
    OPAQUE_DATA = "OPAQUE_DATA"
