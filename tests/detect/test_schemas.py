"""Columns in their tables: many languages, the structures that hide data, and hard negatives."""

import pytest

from masker.catalog import Catalog, Column, ForeignKey, Key, Kind, Table, TableName
from masker.detect.entities import Entity
from masker.detect.names import STRONG, propose
from tests.detect.test_names import columns_of, entity_of, type_of

E = Entity


def found_in(table, *columns):
    return {name: p.entity for name, p in columns_of(table, *columns).items() if p.score >= STRONG}


# One line per column: its name, and what it is, in eight languages and as people abbreviate.
COLUMNS = {
    E.PERSON: "displayName recipient_name Ansprechpartner kontoinhaber nom_complet nombre_completo"
    " nome_completo imie_i_nazwisko contactpersoon custname CUST_NM ship_name",
    E.FIRST_NAME: "FirstName fname VORNAME vorname2 prenom nombre_de_pila nome_proprio primeiro_nome"
    " voornaam imię frst_nm customer_firstname middle_initial",
    E.LAST_NAME: "surname lname maiden_name Nachname Geburtsname nom_de_famille apellido1"
    " apellidoPaterno cognome sobrenome achternaam nazwisko",
    E.USERNAME: "login userName user_login screen_name Benutzername nom_utilisateur nombre_usuario"
    " gebruikersnaam created_by modifiedBy whodunnit twitter_handle quarantined_by seenBy",
    E.EMAIL_ADDRESS: "email e-mail EMAIL_ADDR mail2 emails userEmail useremail courriel"
    " correo_electronico indirizzo_email endereco_email mailadres adres_email return_path",
    E.PHONE_NUMBER: "phone phoneNo tel_no TELNO telno mobile_number cell fax MobTel custtel Handynr"
    " Mobilnummer num_tel telefono movil cellulare telemovel telefoonnummer nr_telefonu caller_id",
    E.STREET_ADDRESS: "address addr1 AddressLine2 street_name house_no Strasse Straße Hausnr"
    " Rechnungsadresse rue adresse_postale direccion calle domicilio indirizzo rua morada straat"
    " huisnummer ulica nr_domu billing_addr line3",
    E.CITY: "city town shipCity Wohnort ville ciudad citta cidade woonplaats miasto birthplace",
    E.POSTCODE: "zip zipCode postal_code PLZ Postleitzahl code_postal codigo_postal cep kod_pocztowy",
    E.DATE_OF_BIRTH: "dob birthdate DateOfBirth Geburtsdatum geb_datum date_naissance"
    " fecha_nacimiento fec_nac data_nascita dt_nasc geboortedatum data_urodzenia",
    E.NATIONAL_ID: "ssn social_security_no passportNumber drivers_license Ausweisnummer"
    " num_securite_sociale dni nie curp codice_fiscale cpf bsn pesel license_plate",
    E.IP_ADDRESS: "ip ip_addr client_ip RemoteAddr last_login_ip comment_author_IP x_forwarded_for"
    " ipv6 adresse_ip client_addr",
    E.USER_AGENT: "user_agent UserAgent http_user_agent ua_string browser",
    E.FREE_TEXT: "notes Comment body message_body mail_text post_content remarks Bemerkungen"
    " Kommentar remarques observaciones osservazioni observacoes opmerkingen uwagi bio about_me",
    E.CREDIT_CARD: "card_number ccNumber pan Kreditkartennummer numero_tarjeta nr_karty",
    E.IBAN_CODE: "iban customer_iban IBAN_NR",
    E.BANK_ACCOUNT: "account_number acct_no Kontonummer numero_compte numero_cuenta nr_konta",
    E.TAX_ID: "vat_id tax_number Steuernummer USt_IdNr numero_tva partita_iva nip btw_nummer",
    E.SALARY: "salary base_salary Gehalt salaire sueldo stipendio salario loon wynagrodzenie",
    E.PASSWORD: "password passwd pwd usrpwd user_pass password_hash kennwort mot_de_passe senha haslo"
    " smtp_pass",
    E.SECRET: "api_key apiKey access_token client_secret reset_token private_key",
    E.SESSION: "session_id sessionKey session_data cookie",
    E.DIAGNOSIS: "diagnosis Diagnose diagnostico medical_history allergies symptoms Befund rozpoznanie",
    E.MEDICAL_CODE: "icd10 icd_code ICD-10-Code diagnosis_code cpt_code",
    E.MEDICATION: "medication drug_name prescription Medikament medicamento farmaco lekarstwo",
    E.BLOOD_TYPE: "blood_type Blutgruppe groupe_sanguin grupo_sanguineo bloedgroep",
    E.PATIENT_ID: "mrn medical_record_number Patientennummer numero_paciente nr_pacjenta",
    E.HEALTH_INSURANCE: "insurance_number health_insurance_id Versichertennummer numero_mutuelle"
    " polisnummer",
    E.NRP: "religion ethnicity nationality Staatsangehörigkeit Konfession nacionalidad narodowosc",
    E.DEMOGRAPHIC: "gender sex marital_status Geschlecht Familienstand sexo stan_cywilny",
}  # fmt: skip


@pytest.mark.parametrize(
    ("column", "entity"),
    [(column, entity) for entity, columns in COLUMNS.items() for column in columns.split()],
)
def test_columns_in_many_languages(column, entity):
    kind = Kind.DECIMAL if entity is E.SALARY else Kind.TEXT
    assert entity_of(column, kind) is entity


@pytest.mark.parametrize(
    ("table", "columns", "expected"),
    [
        pytest.param(
            "article_mime",
            "a_from a_to a_cc a_subject a_body a_content_type",
            {"a_from": E.EMAIL_ADDRESS, "a_to": E.EMAIL_ADDRESS, "a_cc": E.EMAIL_ADDRESS,
             "a_subject": E.FREE_TEXT, "a_body": E.FREE_TEXT},
            id="letters",
        ),
        pytest.param(
            "messages",
            "sender subject content headers created",
            {"sender": E.EMAIL_ADDRESS, "subject": E.FREE_TEXT, "content": E.FREE_TEXT,
             "headers": E.OPAQUE_DATA},
            id="messages",
        ),
        pytest.param(
            "item_attributes", "item_id attribute value", {"value": E.OPAQUE_DATA}, id="attributes"
        ),
        pytest.param(
            "options", "option_name option_value autoload", {"option_value": E.OPAQUE_DATA},
            id="options",
        ),
        pytest.param("merkmale", "merkmal wert", {"wert": E.OPAQUE_DATA}, id="attributes, German"),
        pytest.param(
            "audit_trail",
            "table_name operation old_value new_value statement changed_by",
            {"old_value": E.OPAQUE_DATA, "new_value": E.OPAQUE_DATA, "statement": E.OPAQUE_DATA,
             "changed_by": E.USERNAME},
            id="audit",
        ),
        pytest.param(
            "versions", "item_type event object object_changes",
            {"object": E.OPAQUE_DATA, "object_changes": E.OPAQUE_DATA}, id="versions",
        ),
        pytest.param(
            "sessions", "id data", {"id": E.SESSION, "data": E.OPAQUE_DATA}, id="sessions"
        ),
        pytest.param(
            "attachments", "file_name content_type", {"file_name": E.FILE_PATH}, id="files"
        ),
        pytest.param(
            "customers", "c_name c_comment c_mktsegment", {"c_name": E.PERSON,
            "c_comment": E.FREE_TEXT}, id="a prefix",
        ),
        pytest.param(
            "membres", "nom_mbr prenom_mbr cp_mbr ville_mbr cotis", {"nom_mbr": E.LAST_NAME,
            "prenom_mbr": E.FIRST_NAME, "cp_mbr": E.POSTCODE, "ville_mbr": E.CITY}, id="a suffix",
        ),
        pytest.param("phone_numbers", "kind number", {"number": E.PHONE_NUMBER}, id="a subject"),
        pytest.param("app_secret_keys", "scope value", {"value": E.SECRET}, id="a subject's value"),
        pytest.param("prefs", "prefkey prefvalue", {"prefvalue": E.OPAQUE_DATA}, id="grown keys"),
        pytest.param("accounts", "login url", {"login": E.USERNAME, "url": E.URL}, id="accounts"),
        pytest.param("user_prefs", "pref_name value", {"value": E.OPAQUE_DATA}, id="settings"),
        pytest.param(
            "sessions", "id session_id", {"session_id": E.SESSION}, id="a session's own number"
        ),
        pytest.param(
            "user_external_ids", "provider external_id", {"external_id": E.USERNAME}, id="called"
        ),
        pytest.param(
            "members", "slug twitter mastodon meta_description",
            {"slug": E.USERNAME, "twitter": E.USERNAME, "mastodon": E.USERNAME}, id="networks",
        ),
        pytest.param("newsletters", "name sender_email", {"sender_email": E.EMAIL_ADDRESS},
                     id="what letters are called"),
        pytest.param("posts", "meta_description og_title twitter_title", {}, id="of a page"),
        pytest.param("reviews", "rating name email", {"name": E.PERSON,
                     "email": E.EMAIL_ADDRESS}, id="a name beside an address"),
        pytest.param("bankcards", "name number", {"name": E.PERSON, "number": E.CREDIT_CARD},
                     id="cards"),
        pytest.param("employees", "license_number owner", {"license_number": E.NATIONAL_ID,
                     "owner": E.PERSON}, id="weak words of persons"),
        pytest.param("devices", "license_number owner", {}, id="weak words of things"),
        pytest.param("hosts", "name username password port", {"username": E.USERNAME,
                     "password": E.PASSWORD}, id="machines"),
        pytest.param("senders", "name smtp_email", {"smtp_email": E.EMAIL_ADDRESS},
                     id="an address that a machine sends from"),
        pytest.param("followupattachment", "filename size", {"filename": E.FILE_PATH},
                     id="a grown attachment"),
        pytest.param("auditlog", "resource details", {"details": E.FREE_TEXT}, id="a grown log"),
        pytest.param("students", "name_cached email_canonical", {"name_cached": E.PERSON,
                     "email_canonical": E.EMAIL_ADDRESS}, id="how it is kept"),
        pytest.param("proxies", "http_user http_password", {"http_user": E.PERSON,
                     "http_password": E.PASSWORD}, id="a user beside a password"),
    ],
)  # fmt: skip
def test_structures_that_hide_personal_data(table, columns, expected):
    assert found_in(table, *columns.split()) == expected


@pytest.mark.parametrize(
    ("table", "column", "kind", "entity"),
    [
        ("users", "settings", Kind.JSON, E.OPAQUE_DATA),
        ("orders", "payload", Kind.JSON, E.OPAQUE_DATA),
        ("orders", "meta", Kind.TEXT, E.OPAQUE_DATA),
        ("orders", "request_headers", Kind.JSON, E.OPAQUE_DATA),
        ("orders", "comments", Kind.JSON, E.OPAQUE_DATA),
        ("events", "document", Kind.XML, E.OPAQUE_DATA),
        ("jobs", "serialized_object", Kind.BYTES, E.OPAQUE_DATA),
        ("attachments", "content", Kind.BYTES, E.OPAQUE_DATA),
        ("customers", "search", Kind.TSVECTOR, E.OPAQUE_DATA),
        ("event_search", "vector", Kind.TSVECTOR, E.OPAQUE_DATA),
        ("films", "fulltext", Kind.TSVECTOR, None),
        ("tokens", "access_token", Kind.INTEGER, None),
        ("cards", "access_code", Kind.INTEGER, E.SECRET),
        ("payroll_wage", "rate", Kind.DECIMAL, E.SALARY),
        ("phones", "rate", Kind.DECIMAL, None),
        ("staff", "picture", Kind.BYTES, E.PHOTO),
        ("products", "specification", Kind.JSON, None),
    ],
)
def test_documents_and_pictures(table, column, kind, entity):
    assert entity_of(column, kind, table=table) is entity


HARD_NEGATIVES = {
    "products": "id sku name title product_name label code barcode ean isbn model color size brand"
    " manufacturer slug unit_of_measure status",
    "releases": "version tag commit_sha hash checksum md5 sha256 build_number platform",
    "invoices": "invoice_number amount net_amount total currency due_date paid_at vat_rate",
    "stores": "name code opening_hours latitude longitude region timezone",
    "weather": "station temperature humidity wind_speed pressure lat lng",
    "jobs": "queue handler run_at locked_at failed_at attempts priority cron",
    "user_roles": "name permission scope",
    "customer_types": "name discount_rate",
    "countries": "iso2 iso3 phone_code continent capital",
    "languages": "name code", "genre": "name", "track": "name milliseconds bytes",
    "flights": "flight_number origin destination departure_time gate aircraft carrier",
    "metrics": "metric_name host_count p95 bucket phone_model email_server card_brand",
    "migrations": "version checksum installed_rank script execution_time",
    "features": "flag_name rollout_percentage enabled",
    "books": "title isbn pages publisher edition", "films": "title rating length",
    "salaries": "min_salary max_salary", "counts": "num_comments number_of_emails count_notes",
    "lists": "sorted_by grouped_by twitter_card email_filter sent_ts content_address mail_host email_box_host owner_chain",
    "orders": "order_number status total_amount tracking_number channel source email_sent_at",
}  # fmt: skip


@pytest.mark.parametrize("table", HARD_NEGATIVES)
@pytest.mark.parametrize("kind", [Kind.TEXT, Kind.INTEGER, Kind.DECIMAL, Kind.TIMESTAMP])
def test_hard_negatives_raise_no_alarm(table, kind):
    assert found_in(table, *((name, kind) for name in HARD_NEGATIVES[table].split())) == {}


def related():
    """Return people, and papers that refer to them by number and by address."""
    people = TableName("public", "people")
    columns = (("phone", Kind.INTEGER), ("email", Kind.TEXT), ("mobile", Kind.INTEGER))
    papers = (("phone", Kind.INTEGER), ("owner_ref", Kind.TEXT))
    keys = (
        Key(name="a", columns=("phone",), primary=True),
        Key(name="b", columns=("email",)),
    )
    references = tuple(
        ForeignKey(
            name=mine, table=TableName("public", "papers"), columns=(mine,), parent=people,
            parent_columns=(theirs,),
        )
        for mine, theirs in (("phone", "phone"), ("owner_ref", "email"))
    )  # fmt: skip
    tables = (
        Table(name=TableName("public", "papers"), columns=_made(papers), foreign_keys=references),
        Table(name=people, columns=_made(columns), keys=keys),
    )
    return Catalog(
        engine="postgres", version="18", database="x", schemas=("public",), tables=tables
    )


def _made(columns):
    return tuple(Column(name=name, type=type_of(kind)) for name, kind in columns)


def test_keys_are_no_telephone_numbers_and_references_tell_what_they_hold():
    found = {(p.table.name, p.column): p for p in propose(related())}
    assert ("people", "phone") not in found
    assert ("papers", "phone") not in found
    assert found["people", "mobile"].entity is E.PHONE_NUMBER
    owner = found["papers", "owner_ref"]
    assert (owner.entity, owner.signs) == (E.EMAIL_ADDRESS, ("key",))
    assert owner.evidence == ("refers to `people.email`",)


@pytest.mark.parametrize(
    ("column", "entity"),
    [
        ("telefonnum", E.PHONE_NUMBER),
        ("postleitz", E.POSTCODE),
        ("dateinam", None),  # of several files that names may stand in, values tell
        ("custom", None),
    ],
)
def test_long_words_may_be_cut_short(column, entity):
    assert entity_of(column, Kind.TEXT) is entity


@pytest.mark.parametrize(
    ("column", "referring", "entity"),
    [
        ("dni", False, E.NATIONAL_ID),
        ("patient_no", False, E.PATIENT_ID),
        ("patient_id", False, None),
        ("id", False, None),
        ("dni", True, None),
    ],
)
def test_a_key_may_be_a_number_of_persons(column, referring, entity):
    name = TableName("public", "t")
    of = ForeignKey(
        name="f", table=name, columns=(column,), parent=TableName("public", "u"),
        parent_columns=("x",),
    )  # fmt: skip
    table = Table(
        name=name,
        columns=_made(((column, Kind.INTEGER),)),
        keys=(Key(name="k", columns=(column,), primary=True),),
        foreign_keys=(of,) if referring else (),
    )
    catalog = Catalog(
        engine="postgres", version="18", database="x", schemas=("public",), tables=(table,)
    )
    found = [p.entity for p in propose(catalog)]
    assert found == ([] if entity is None else [entity])


def test_what_can_hold_anything_contains():
    found = columns_of("orders", "notes", "payload", "email")
    assert [p.contains for p in found.values()] == [True, True, False]
