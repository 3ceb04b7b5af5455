"""What names and types say: tables of columns in eight languages, and what must not be taken."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Catalog, Column, Kind, Table, TableName, Type
from masker.detect import context, words
from masker.detect.entities import Entity
from masker.detect.names import STRONG, propose, snake, split


def type_of(kind, *, domain=None):
    element = None
    if kind is Kind.ARRAY:
        element = type_of(Kind.TEXT)
    return Type(name=kind.value, base=kind.value, kind=kind, element=element, domain=domain)


def columns_of(table, *columns):
    made = Table(
        name=TableName("public", table),
        columns=tuple(
            Column(name=name, type=kind if isinstance(kind, Type) else type_of(kind))
            for name, kind in ((c, Kind.TEXT) if isinstance(c, str) else c for c in columns)
        ),
    )
    catalog = Catalog(
        engine="postgres", version="18", database="x", schemas=("public",), tables=(made,)
    )
    return {proposal.column: proposal for proposal in propose(catalog)}


def entity_of(column, kind=Kind.TEXT, *, table="things"):
    proposal = columns_of(table, (column, kind)).get(column)
    return proposal.entity if proposal is not None and proposal.score >= STRONG else None


@pytest.mark.parametrize(
    ("name", "parts"),
    [
        ("firstName", ("first", "name")),
        ("FIRST_NAME", ("first", "name")),
        ("First Name", ("first", "name")),
        ("HTTPUserAgent", ("http", "user", "agent")),
        ("address2", ("address", "two")),
        ("addressLine1", ("address", "line", "one")),
        ("Straße", ("strasse",)),
        ("größe", ("groesse",)),
        ("prénom", ("prenom",)),
        ("e-mail", ("e", "mail")),
        ("imię", ("imie",)),
        ("__id__", ("id",)),
        ("", ()),
    ],
)
def test_names_are_split_into_words(name, parts):
    assert split(name) == parts


def test_one_spelling():
    assert {snake(name) for name in ("userId", "User-ID", "USER_ID", "user id")} == {"user_id"}


LANGUAGES = {
    "English": "first_name surname email_address phone date_of_birth street city zip_code",
    "German": "Vorname Nachname E-Mail-Adresse Telefonnummer Geburtsdatum Straße Ort PLZ",
    "French": "prénom nom_de_famille courriel num_tel date_de_naissance rue ville code_postal",
    "Spanish": "nombre_de_pila apellidos correo_electrónico teléfono fecha_nacimiento calle ciudad codigo_postal",
    "Italian": "nome_proprio cognome indirizzo_email cellulare data_di_nascita via città cap",
    "Portuguese": "primeiroNome sobrenome endereco_email telemóvel data_nascimento rua cidade cep",
    "Dutch": "voornaam achternaam mailadres telefoonnummer geboortedatum straat woonplaats postcode",
    "Polish": "imię nazwisko adres_email nr_telefonu data_urodzenia ulica miasto kod_pocztowy",
}
CONTACT = (
    Entity.FIRST_NAME,
    Entity.LAST_NAME,
    Entity.EMAIL_ADDRESS,
    Entity.PHONE_NUMBER,
    Entity.DATE_OF_BIRTH,
    Entity.STREET_ADDRESS,
    Entity.CITY,
    Entity.POSTCODE,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_contact_in_eight_languages(language):
    found = columns_of("x", *LANGUAGES[language].split())
    assert tuple(proposal.entity for proposal in found.values()) == CONTACT
    assert all(proposal.score > STRONG for proposal in found.values())


@pytest.mark.parametrize(
    ("column", "entity"),
    [
        ("billing_email", Entity.EMAIL_ADDRESS),
        ("customerEmailAddress", Entity.EMAIL_ADDRESS),
        ("email2", Entity.EMAIL_ADDRESS),
        ("emails", Entity.EMAIL_ADDRESS),
        ("phonenumber", Entity.PHONE_NUMBER),
        ("home_phone_no", Entity.PHONE_NUMBER),
        ("shipping_address", Entity.STREET_ADDRESS),
        ("address_line_2", Entity.STREET_ADDRESS),
        ("ip_address", Entity.IP_ADDRESS),
        ("last_login_ip", Entity.IP_ADDRESS),
        ("src_ip", Entity.IP_ADDRESS),
        ("billing_postal_code", Entity.POSTCODE),
        ("customer_session_id", Entity.SESSION),
        ("mac_address", Entity.MAC_ADDRESS),
        ("customer_name", Entity.PERSON),
        ("name_of_customer", Entity.PERSON),
        ("kunden_name", Entity.PERSON),
        ("nombre_cliente", Entity.PERSON),
        ("company_name", Entity.ORGANIZATION),
        ("card_holder", Entity.PERSON),
        ("card_number", Entity.CREDIT_CARD),
        ("ccNumber", Entity.CREDIT_CARD),
        ("cvv2", Entity.CARD_SECURITY_CODE),
        ("customer_iban", Entity.IBAN_CODE),
        ("kontonummer", Entity.BANK_ACCOUNT),
        ("ssn", Entity.NATIONAL_ID),
        ("passportNo", Entity.NATIONAL_ID),
        ("pesel", Entity.NATIONAL_ID),
        ("codice_fiscale", Entity.NATIONAL_ID),
        ("vat_id", Entity.TAX_ID),
        ("password_hash", Entity.PASSWORD),
        ("encrypted_password", Entity.PASSWORD),
        ("mot_de_passe", Entity.PASSWORD),
        ("apiKey", Entity.SECRET),
        ("stripe_api_key", Entity.SECRET),
        ("reset_password_token", Entity.SECRET),
        ("otp_secret", Entity.MFA_SECRET),
        ("session_id", Entity.SESSION),
        ("user_agent", Entity.USER_AGENT),
        ("delivery_instructions", Entity.FREE_TEXT),
        ("Bemerkungen", Entity.FREE_TEXT),
        ("geburtsort", Entity.CITY),
    ],
)
def test_columns(column, entity):
    assert entity_of(column) is entity


@pytest.mark.parametrize(
    ("column", "kind"),
    [
        ("file_name", Kind.TEXT),
        ("product_name", Kind.TEXT),
        ("hostname", Kind.TEXT),
        ("hotel", Kind.TEXT),
        ("email_template", Kind.TEXT),
        ("email_type", Kind.TEXT),
        ("phone_verified", Kind.BOOLEAN),
        ("email_verified_at", Kind.TIMESTAMP_TZ),
        ("address_id", Kind.INTEGER),
        ("city_id", Kind.INTEGER),
        ("status", Kind.TEXT),
        ("country_code", Kind.TEXT),
        ("sku", Kind.TEXT),
        ("market_cap", Kind.TEXT),
        ("search_str", Kind.TEXT),
        ("title", Kind.TEXT),
        ("capacity", Kind.INTEGER),
        ("viaduct", Kind.TEXT),
        ("description", Kind.TEXT),
        ("first_name", Kind.ENUM),
        ("total", Kind.DECIMAL),
    ],
)
def test_what_is_not_taken(column, kind):
    assert entity_of(column, kind) is None


@pytest.mark.parametrize(
    ("table", "entity"),
    [
        ("customers", Entity.PERSON),
        ("shop_customer", Entity.PERSON),
        ("Mitarbeiter", Entity.PERSON),
        ("utilisateurs", Entity.PERSON),
        ("pessoas", Entity.PERSON),
        ("companies", Entity.ORGANIZATION),
        ("Lieferanten", Entity.ORGANIZATION),
        ("products", None),
        ("categories", None),
        ("roles", None),
    ],
)
def test_a_name_is_told_by_its_table(table, entity):
    assert entity_of("name", table=table) is entity


def test_a_name_beside_a_first_name_is_a_last_name():
    found = columns_of("x", "name", "vorname")
    assert found["name"].entity is Entity.LAST_NAME


def test_a_state_beside_a_city_is_a_region():
    assert columns_of("x", "state")["state"].score < STRONG
    assert columns_of("x", "state", "city")["state"].score >= STRONG
    assert columns_of("x", "billing_state", "billing_city")["billing_state"].score >= STRONG


def test_weak_text_is_strong_where_persons_are():
    assert columns_of("films", "description")["description"].score < STRONG
    assert columns_of("patients", "description")["description"].score >= STRONG


def test_domains_of_the_schema_speak():
    email = type_of(Kind.TEXT, domain="shop.email")
    proposal = columns_of("x", ("contact", email))["contact"]
    assert (proposal.entity, proposal.evidence) == (
        Entity.EMAIL_ADDRESS,
        ("the domain is `shop.email`",),
    )


def test_types_alone_speak():
    assert columns_of("x", ("peer", Kind.INET))["peer"].entity is Entity.IP_ADDRESS


def test_arrays_speak_by_their_elements():
    assert columns_of("x", ("former_names", Kind.ARRAY))["former_names"].entity is Entity.LAST_NAME


def test_proposals_say_why():
    proposal = columns_of("customers", "billing_email")["billing_email"]
    assert proposal.evidence == ("`email` in `billing_email`",)
    assert 0 < proposal.score <= 1


def test_each_phrase_is_claimed_once():
    seen = {}
    for entity, phrases in words.PHRASES.items():
        for phrase in phrases.split():
            other = seen.setdefault(phrase.replace("_", ""), entity)
            assert other is entity, f"{phrase} is {other} and {entity}"


def test_phrases_are_written_as_they_are_looked_up():
    every = [
        phrase
        for phrases in (*words.PHRASES.values(), *context.MAYBE.values())
        for phrase in phrases.split()
    ]
    assert [phrase for phrase in every if "_".join(split(phrase)) != phrase] == []


@given(st.text(max_size=30))
def test_any_name_is_split_and_judged(name):
    assert all(part and part == part.lower() for part in split(name))
    columns_of("x", name)
