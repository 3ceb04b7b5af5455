"""The language: golden pairs of files and complaints, the whole example, and wild input."""

import contextlib
import io
import os
import re
from datetime import timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from ruamel.yaml import YAML

from masker.errors import ConfigError
from masker.rules.pipeline import load_pipeline, not_yet, parse_pipeline

GOLDEN = Path(__file__).parent / "golden"
ENVIRON = {
    "SHOP_PRODUCTION_URL": "postgresql://reader:s3cret-of-production@production/shop",
    "SHOP_STAGING_URL": "postgresql://loader:s3cret-of-staging@staging/shop",
    "OPS_WEBHOOK": "https://example.com/s3cret-of-ops",
    "EMPTY": "",
}
HEAD = "version: 1\nname: shop\nsource: {url: a}\ntarget: {url: b}\n"

# DESIGN section 6, word for word.
EXAMPLE = """\
version: 1
name: shop-nightly
source: {url: "${SHOP_PRODUCTION_URL}", schemas: [public], limits: {connections: 4, rows_per_second: 200000, max_duration: 2h}}
target: {url: "${SHOP_STAGING_URL}", mode: swap, allow: []}   # allow: same-server | shared-identity | production-name | unmarked-target
key: "${file:/run/secrets/masker_key}"                        # default: MASKER_KEY, else one-way
rules: [base, finance, ./house-rules.yaml]                     # shipped packs by name, others by path; `columns` below come first
locale: de_DE
countries: [DE, AT]
columns:                                                       # table -> column -> verdict; exact name before glob, then file order
  customers:
    id: keep
    email: email
    notes: {use: free_text, with: {entities: [PERSON, PHONE_NUMBER]}}
  orders: {status: keep, "*_at": {use: shift_date, with: {per: customer_id, within: 30d}}}
uncovered: fail                                                # fail | null | scramble; there is no "keep"
tables: {outbox: empty, audit_old: exclude, events: {where: "created_at > now() - interval '30 days'"}}
subset:
  roots: [{table: customers, where: "country = 'DE'", sample: 5%, seed: 7}]
  children: {max_per_parent: 200}
  references: [{table: comments, type: target_type, id: target_id, to: {customer: customers.id, order: orders.id}}]
audit: {leaks: fail, fidelity: {min: 0.9}}
accept: [live-range:customers.phone]                           # warnings accepted by id, in writing
publish: {terminate: true, wait: 60s, keep_previous: 1}
after: ./staging-settings.sql
schedule: {cron: "0 3 * * *", timezone: Europe/Berlin, retries: 2}
notify: [{on: failure, webhook: "${OPS_WEBHOOK}"}]
workers: 4
expires: 14d
"""


@pytest.fixture
def example(tmp_path):
    (tmp_path / "masker_key").write_text("ab" * 32 + "\n")
    (tmp_path / "house-rules.yaml").write_text("version: 1\nrules: []\n")
    (tmp_path / "staging-settings.sql").write_text("SELECT 1;\n")
    path = tmp_path / "nightly.yaml"
    path.write_text(EXAMPLE.replace("/run/secrets/masker_key", "masker_key"))
    return path


def complaints_of(path: Path) -> str:
    with pytest.raises(ConfigError) as caught:
        parse_pipeline(path.read_text(), file=str(path), environ=ENVIRON)
    return "\n".join(str(finding) for finding in caught.value.findings) + "\n"


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.yaml")), ids=lambda path: path.stem)
def test_complaints(path):
    """Renew with `MASKER_RENEW=1 pytest tests/rules`, then read the difference."""
    said = complaints_of(path).replace(f"{GOLDEN}/", "")
    beside = path.with_suffix(".txt")
    if os.environ.get("MASKER_RENEW"):
        beside.write_text(said)
    assert said == beside.read_text()


@pytest.mark.parametrize("path", sorted(GOLDEN.glob("*.txt")), ids=lambda path: path.stem)
def test_no_complaint_shows_a_secret(path):
    text = path.read_text()
    assert "hunter2" not in text
    assert "s3cret" not in text
    assert "00112233" not in text


def test_the_whole_example_parses(example):
    pipeline = load_pipeline(example, environ=ENVIRON)
    assert pipeline.name == "shop-nightly"
    assert pipeline.source.url == ENVIRON["SHOP_PRODUCTION_URL"]
    assert pipeline.source.limits.max_duration == timedelta(hours=2)
    assert pipeline.key == "ab" * 32
    assert [pack.name for pack in pipeline.packs] == ["base", "finance", "./house-rules.yaml"]
    assert pipeline.columns["orders"]["*_at"][0].with_ == {"per": "customer_id", "within": "30d"}
    assert pipeline.tables["outbox"].treatment == "empty"
    assert pipeline.tables["events"].where == "created_at > now() - interval '30 days'"
    assert pipeline.subset is not None
    assert pipeline.subset.roots[0].sample == 0.05
    assert pipeline.publish.wait == timedelta(minutes=1)
    assert pipeline.accept == ("live-range:customers.phone",)
    assert str(pipeline.positions.value("columns", "customers", "email")).endswith(":12:12")
    assert not pipeline.findings


def test_no_secret_in_repr(example):
    text = repr(load_pipeline(example, environ=ENVIRON))
    assert "s3cret" not in text
    assert "abab" not in text


def test_not_yet_names_each_place(example):
    found = not_yet(load_pipeline(example, environ=ENVIRON))
    assert [(f.subject, f.position.line) for f in found] == [
        ("audit.fidelity", 21),
        ("expires", 28),
    ]
    assert {f.code for f in found} == {"not-yet"}
    assert len(found.blocking) == len(found)


@pytest.mark.parametrize("mode", ["swap", "replace", "append", "upsert"])
def test_every_mode_works(mode):
    text = HEAD.replace("{url: b}", f"{{url: b, mode: {mode}}}")
    assert not not_yet(parse_pipeline(text, file="p.yaml", environ={}))


def test_lenient_reading_needs_no_secrets(example):
    example.with_name("masker_key").unlink()
    pipeline = load_pipeline(example, environ={}, lenient=True)
    assert pipeline.source.url == "${SHOP_PRODUCTION_URL}"


def test_an_accepted_warning_does_not_stop():
    text = HEAD.replace("url: a", "url: 'postgresql://a:b@c/d'")
    with pytest.raises(ConfigError, match="password-in-file"):
        parse_pipeline(text, file="p.yaml", environ={})
    accepted = text + "accept: ['password-in-file:source.url']\n"
    pipeline = parse_pipeline(accepted, file="p.yaml", environ={})
    assert [f.code for f in pipeline.findings] == ["password-in-file"]


@pytest.mark.parametrize("id", ["leak:shop.orders.remark", "uncovered:a.b.c", "not-unique"])
def test_an_error_cannot_be_accepted(id):
    with pytest.raises(ConfigError) as caught:
        parse_pipeline(HEAD + f"accept:\n  - '{id}'\n", file="p.yaml", environ={})
    (finding,) = caught.value.findings
    assert finding.id == f"cannot-accept:{id}"
    assert (finding.position.line, finding.position.column) == (HEAD.count("\n") + 2, 5)
    assert finding.help


@pytest.mark.parametrize(
    ("line", "read"),
    [
        pytest.param("uncovered: null", "null", id="the word null"),
        pytest.param("uncovered: 'null'", "null", id="null in quotes"),
        pytest.param("uncovered: scramble", "scramble", id="scramble"),
    ],
)
def test_uncovered(line, read):
    pipeline = parse_pipeline(HEAD + line, file="p.yaml", environ={})
    assert pipeline.uncovered == read


@pytest.mark.parametrize(
    ("written", "variables", "read"),
    [
        pytest.param("${A}", {"A": "x"}, "x", id="set"),
        pytest.param("${A:-y}", {}, "y", id="default"),
        pytest.param("${A:-y}", {"A": ""}, "y", id="default for empty"),
        pytest.param("${A:-}", {}, "", id="empty default"),
        pytest.param("pre-${A}-${B}", {"A": "1", "B": "2"}, "pre-1-2", id="two in one"),
        pytest.param("$${A}", {}, "${A}", id="escaped"),
        pytest.param("$A", {"A": "x"}, "$A", id="no braces"),
        pytest.param("${A}", {"A": "{b: c}\n- ${A}"}, "{b: c}\n- ${A}", id="never becomes YAML"),
    ],
)
def test_variables(written, variables, read):
    text = HEAD + f'tables: {{t: {{where: "1 = 1 {written}"}}}}'
    pipeline = parse_pipeline(text, file="p.yaml", environ=variables)
    assert pipeline.tables["t"].where == f"1 = 1 {read}"


def test_a_number_from_the_environment():
    pipeline = parse_pipeline(HEAD + "workers: ${N:-2}", file="p.yaml", environ={"N": "3"})
    assert pipeline.workers == 3


def test_a_key_of_digits_keeps_its_zeros():
    text = HEAD + "key: 0011\naccept: [key-in-file:key]"
    assert parse_pipeline(text, file="p.yaml", environ={}).key == "0011"


def test_parameters_have_their_types():
    text = (
        HEAD
        + "columns: {t: {a: {use: constant, with: {value: 7}}, b: {use: constant, with: {value: '7'}}}}"
    )
    columns = parse_pipeline(text, file="p.yaml", environ={}).columns["t"]
    assert [columns[name][0].with_["value"] for name in "ab"] == [7, "7"]


def test_aliases_are_read():
    text = HEAD + "columns:\n  a: &same {x: keep}\n  b: *same\n"
    pipeline = parse_pipeline(text, file="p.yaml", environ={})
    assert pipeline.columns["a"] == pipeline.columns["b"]


def test_a_bomb_of_aliases_is_refused():
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 9)]
    with pytest.raises(ConfigError, match="too large"):
        parse_pipeline("\n".join(lines), file="p.yaml", environ={})


def test_deep_nesting_is_refused():
    with pytest.raises(ConfigError):
        parse_pipeline("[" * 1_500, file="p.yaml", environ={})


def test_unreadable_files(tmp_path):
    with pytest.raises(ConfigError, match="no such file"):
        load_pipeline(tmp_path / "none.yaml", environ={})
    latin = tmp_path / "latin.yaml"
    latin.write_bytes("name: Müller".encode("latin-1"))
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_pipeline(latin, environ={})


def test_a_byte_order_mark_is_no_content(tmp_path):
    path = tmp_path / "bom.yaml"
    path.write_bytes(b"\xef\xbb\xbf" + HEAD.encode())
    assert load_pipeline(path, environ={}).name == "shop"


YAMLISH = st.text(
    st.sampled_from("ab:-{}[],'\"#&*!|>%@`?~<= \n\t\\0123${}é\ufeff\x00\x85\u2028null"), max_size=60
)


@given(YAMLISH)
def test_wild_text_gives_complaints_and_nothing_else(text):
    with pytest.raises(ConfigError) as caught:
        parse_pipeline(text, file="p.yaml", environ={})
    assert caught.value.findings.blocking


KEYS = sorted(
    {
        *re.findall(r"^(\w+):", EXAMPLE, re.MULTILINE),
        *("url", "use", "with", "when", "where", "customers", "email"),
    }
)
TREES = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=8)
    | st.sampled_from(KEYS),
    lambda below: (
        st.lists(below, max_size=3) | st.dictionaries(st.sampled_from(KEYS), below, max_size=6)
    ),
    max_leaves=20,
)


@given(st.dictionaries(st.sampled_from(KEYS), TREES, max_size=8))
def test_wild_trees_give_complaints_and_nothing_else(tree):
    written = io.StringIO()
    YAML(typ="safe", pure=True).dump(tree, written)
    with contextlib.suppress(ConfigError):
        parse_pipeline(written.getvalue(), file="p.yaml", environ={})


def test_a_variable_may_come_from_a_file(tmp_path):
    (tmp_path / "url").write_text("postgresql://reader:s3cret@production/shop\n")
    text = HEAD.replace("{url: a}", '{url: "${PLACE:-nowhere}"}')
    environ = {"PLACE_FILE": str(tmp_path / "url")}
    read = parse_pipeline(text, file="p.yaml", environ=environ)
    assert read.source.url == "postgresql://reader:s3cret@production/shop"


def test_a_variable_that_has_two_values_is_told():
    text = HEAD.replace("{url: a}", '{url: "${PLACE}"}')
    with pytest.raises(ConfigError) as caught:
        parse_pipeline(text, file="p.yaml", environ={"PLACE": "s3cret", "PLACE_FILE": "/x"})
    assert [finding.id for finding in caught.value.findings] == ["two-values:PLACE"]
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        pytest.param("https://example.com/s3cret x", "a blank or a line break", id="a blank"),
        pytest.param("https://example.com/s3\u0007cret", "a blank or a line break", id="a bell"),
        pytest.param("https://example.com:s3cret/hook", "its host or port", id="no port"),
        pytest.param("https://u:s3/cret@example.com/", "its host or port", id="a split password"),
        pytest.param("https://example.com:99999/s3cret", "its host or port", id="a high port"),
        pytest.param("https://[s3cret/hook", "its host or port", id="half an address"),
        pytest.param("https://s3cret\u2100.com/hook", "its host or port", id="a host in disguise"),
        pytest.param("https://ops:s3cret@example.com/", "a user or password", id="a password"),
        pytest.param("https://example.com/s3cret-ü", "percent-encode", id="no ASCII"),
        pytest.param("ftp://example.com/s3cret", "begins with https://", id="another scheme"),
    ],
)
def test_a_webhook_that_cannot_be_asked_is_told_without_it(url, said):
    text = f'{HEAD}notify: [{{webhook: "${{HOOK}}"}}]\n'
    with pytest.raises(ConfigError) as caught:
        parse_pipeline(text, file="shop.yaml", environ={"HOOK": url})
    (finding,) = caught.value.findings
    assert said in finding.message
    assert "s3cret" not in str(caught.value)


@pytest.mark.parametrize(
    "url", ["http://hook:8080/a", "https://[::1]:9/a?b=c%20d", "https://müller.example/a"]
)
def test_a_webhook_that_can_be_asked(url):
    text = f'{HEAD}notify: [{{webhook: "${{HOOK}}"}}]\n'
    pipeline = parse_pipeline(text, file="shop.yaml", environ={"HOOK": url})
    assert pipeline.notify[0].webhook == url


def test_what_is_wrong_is_told_beside_a_warning_that_is_accepted():
    text = (
        f"{HEAD}notify: [{{webhook: ftp://x/y}}]\naccept: ['webhook-in-file:notify[0].webhook']\n"
    )
    with pytest.raises(ConfigError, match="1 finding stops this") as caught:
        parse_pipeline(text, file="shop.yaml", environ={})
    assert [finding.code for finding in caught.value.findings.blocking] == ["wrong-value"]
