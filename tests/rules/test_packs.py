"""The shipped packs are sound, and packs are found and complained of as they should be."""

import re
from pathlib import Path

import pytest

import masker
from masker.catalog import Kind, TableName
from masker.detect.entities import Entity
from masker.errors import ConfigError
from masker.rules import packs
from masker.rules.environment import Environment
from masker.rules.packs import load_shipped, read_pack, shipped
from masker.rules.policy import Ruling
from masker.rules.verdicts import KEEP, REVIEW
from masker.transformers import registry
from tests.rules.catalogs import KINDS, catalog, table

NOTHING = Environment({}, Path())
EVERY = [(name, rule) for name in shipped() for rule in load_shipped(name, NOTHING).rules]


def ids(case):
    return f"{case[0]}/{case[1].id}" if isinstance(case, tuple) else None


def test_the_packs_that_are_shipped():
    assert shipped() == ("base", "finance", "health", "secrets")


def test_an_installed_wheel_has_its_packs_inside(tmp_path, monkeypatch):
    inside = tmp_path / "share" / "rules"
    inside.mkdir(parents=True)
    (inside / "mine.yaml").write_text("version: 1\nrules: []\n")
    monkeypatch.setattr(packs, "_PACKAGE", tmp_path)
    assert shipped() == ("mine",)


def test_a_checkout_has_its_packs_beside():
    package = Path(masker.__file__).parent
    assert packs.shelf() in {package / "share" / "rules", package.parent / "rules"}


@pytest.mark.parametrize("case", EVERY, ids=ids)
def test_every_rule_takes_the_kinds_it_matches(case):
    _, rule = case
    if rule.use in {KEEP, REVIEW}:
        return
    kinds = registry.get(rule.use).kinds
    for kind in rule.match.type or ():
        matched = Kind.ARRAY if kind.endswith("[]") else Kind(kind)
        assert matched in kinds, f"`{rule.use}` does not take {kind}"


def test_ids_are_unique_over_all_packs():
    every = [rule.id for _, rule in EVERY]
    assert len(set(every)) == len(every)


def test_every_entity_is_decided_by_some_pack():
    matched = {entity for _, rule in EVERY for entity in rule.match.entity or ()}
    assert matched == set(Entity)


def test_only_the_base_pack_goes_by_type_alone():
    assert {name for name, rule in EVERY if rule.match.broad} == {"base"}


def test_what_can_hold_anything_is_never_kept_by_type():
    kept = {kind for _, rule in EVERY if rule.match.broad for kind in rule.match.type}
    anything = {"text", "json", "bytes", "xml", "tsvector", "oid", "other", "composite", "vector"}
    assert not kept & {name for kind in anything for name in (kind, f"{kind}[]")}


@pytest.mark.parametrize(
    "base", ["xml", "hstore", "oid", "tsvector", "bytea", "jsonb", "vector", "macaddr"]
)
def test_the_base_pack_leaves_uncovered(policy_of, base):
    made = catalog(table("t", f"x {base}"))
    policy = policy_of("rules: [base]", made)
    assert policy.columns[TableName("public", "t"), "x"].ruling is Ruling.UNCOVERED


@pytest.mark.parametrize(
    "base",
    ["integer", "bigint", "numeric", "boolean", "date", "timestamptz", "uuid", "mood", "daterange"],
)
def test_the_base_pack_keeps_by_type(policy_of, base):
    assert base in KINDS
    made = catalog(table("t", f"x {base}"))
    policy = policy_of("rules: [base]", made)
    assert policy.columns[TableName("public", "t"), "x"].ruling is Ruling.KEEP


@pytest.mark.parametrize(
    ("rules", "column", "use"),
    [
        pytest.param("base", "phone bigint", "integer", id="a phone as number"),
        pytest.param("base", "phone numeric", "scramble", id="a phone as numeric"),
        pytest.param("base", "card_number bigint", "review", id="a card, without finance"),
        pytest.param("base, finance", "card_number bigint", "scramble", id="a card, with finance"),
        pytest.param("finance, base", "card_number text", "card", id="order of packs"),
        pytest.param("base, finance", "salary numeric", "review", id="salary"),
        pytest.param("base, finance", "cvv text?", "null", id="cvv"),
        pytest.param("base, finance", "cvv text", "redact", id="cvv NOT NULL"),
        pytest.param("base", "password text", "review", id="a password, without secrets"),
        pytest.param("base, secrets", "password text", "password_hash", id="a password"),
        pytest.param("base, secrets", "api_key text", "token", id="a key"),
        pytest.param("base, secrets", "session_id uuid", "uuid", id="a session"),
        pytest.param("base, secrets", "token_digest bytea", "redact", id="bytes"),
        pytest.param("base, secrets", "otp_secret text?", "null", id="second factor"),
        pytest.param("base", "diagnosis text", "review", id="a diagnosis, without health"),
        pytest.param("base, health", "diagnosis text", "fake_text", id="a diagnosis"),
        pytest.param("base, health", "icd10_code text", "review", id="a code of a diagnosis"),
        pytest.param("base, health", "blood_type mood", "review", id="a blood type"),
        pytest.param("base, health", "mrn text=", "alphanumeric", id="a patient"),
        pytest.param("base, health", "mrn bigint", "integer", id="a patient as number"),
        pytest.param("base, health", "patient_id bigint", "keep", id="a key to patients"),
        pytest.param("base, health", "Versichertennummer text", "alphanumeric", id="insurance"),
        pytest.param("base, health", "insurance_number numeric", "scramble", id="as numeric"),
        pytest.param("base, health", "medications text[]", "redact", id="a list of medication"),
        pytest.param("health", "allergies text", "fake_text", id="health alone"),
        pytest.param("base", "religion mood", "review", id="a group"),
        pytest.param("base", "birth_year integer", "review", id="a year of birth"),
        pytest.param("base", "payload jsonb", "review", id="a payload"),
        pytest.param("base", "picture bytea", "review", id="a picture"),
        pytest.param("base", "latitude numeric", "review", id="where somebody lives"),
        pytest.param("base", "former_names text[]", "redact", id="a list of names"),
        pytest.param("base", "tags text[]", "", id="a list of anything"),
        pytest.param("base", "country text", "keep", id="country"),
        pytest.param("base", "currency text", "keep", id="a standard code"),
        pytest.param("base", "status text", "", id="any text"),
        pytest.param("base", "birthday date", "shift_date", id="birth date"),
        pytest.param("base", "peer inet", "ip", id="by its type"),
    ],
)
def test_what_the_packs_decide(policy_of, rules, column, use):
    policy = policy_of(f"rules: [{rules}]", catalog(table("t", column)))
    ((_, verdict),) = policy.columns.items()
    assert verdict.use == use


HOUSE = """\
version: 1
rules:
  - id: legacy
    match: {table: "legacy_*", column: [user_name_*, "*_FREE"]}
    use: redact
  - {id: short, match: {type: "text[]", nullable: true}, use: "null"}
"""


@pytest.mark.parametrize(
    ("name", "column", "use"),
    [
        ("legacy_a", "user_name_old text", "redact"),
        ("LegacyB", "userNameOld text", "redact"),
        ("legacy_a", "COL_FREE text", "redact"),
        ("legacy_a", "col_free text", ""),
        ("other", "user_name_old text", ""),
        ("other", "x text[]?", "null"),
        ("other", "x text[]", ""),
    ],
)
def test_a_pack_of_the_house(policy_of, tmp_path, name, column, use):
    (tmp_path / "house.yaml").write_text(HOUSE)
    policy = policy_of("rules: [./house.yaml]", catalog(table(name, column)))
    ((_, verdict),) = policy.columns.items()
    assert verdict.use == use


def test_a_pack_that_matches_nothing_is_no_finding(policy_of, tmp_path):
    (tmp_path / "house.yaml").write_text(HOUSE)
    policy = policy_of(
        "rules: [./house.yaml]\ncolumns: {t: {a: keep}}", catalog(table("t", "a text"))
    )
    assert not policy.findings


def test_a_pack_alone_is_complained_of():
    with pytest.raises(ConfigError) as caught:
        read_pack("- 1", name="x", file="x.yaml", environment=NOTHING)
    assert [str(f.position) for f in caught.value.findings] == ["x.yaml:1:1"]


def test_comments_explain_every_pack():
    for name in shipped():
        text = (packs.shelf() / f"{name}.yaml").read_text()
        assert re.match(r"# \w", text)
        assert "about:" in text


@pytest.mark.parametrize("locale", ["en_US", "de_DE", "pl_PL"])
def test_codes_of_regions_stay_codes_in_any_locale(policy_of, locale):
    """Packs alone, without a draft: some locales have fewer names of regions than a pool needs."""
    made = catalog(table("people", "id integer!", "state varchar(2)", "region text", "city text"))
    policy = policy_of(f"locale: {locale}\nrules: [base]\n", made)
    assert not [each for each in policy.findings if each.severity.name == "ERROR"]
    for column in ("state", "region"):
        place = (TableName("public", "people"), column)
        assert policy.columns[place].use == "scramble"
