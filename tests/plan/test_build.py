"""Plans from small catalogs made by hand: what is refused, what is folded, what stays the same."""

from dataclasses import replace

import pytest

from masker.catalog import (
    Catalog,
    Check,
    Column,
    Key,
    Kind,
    Partitioning,
    Sequence,
    Table,
    TableName,
    Type,
)
from masker.plan.build import Frame, build
from masker.plan.model import Fold
from masker.plan.render import as_json, as_text
from masker.rules.policy import Policy, Ruling, TableVerdict, Treatment, Verdict
from masker.transformers import registry
from masker.transformers.base import Uniqueness

TEXT = Type(name="text", base="text", kind=Kind.TEXT)
INT = Type(name="integer", base="int4", kind=Kind.INTEGER)
JSON = Type(name="jsonb", base="jsonb", kind=Kind.JSON)
DATE = Type(name="date", base="date", kind=Kind.DATE)
FRAME = Frame(
    pipeline="p",
    source="postgresql://a/b",
    target="postgresql://c/d",
    mode="swap",
    key_id="1-ab",
    one_way=False,
    scheme=1,
)


def name(text):
    return TableName("public", text)


def column(text, type_=TEXT, **more):
    return Column(name=text, type=type_, **more)


def table(text, *columns, **more):
    return Table(name=name(text), columns=columns, rows=1000, bytes=50_000, pages=7, **more)


def catalog(*tables, **more):
    return Catalog(
        engine="postgres", version="18", database="b", schemas=("public",), tables=tables, **more
    )


def verdict(use, **params):
    if use == "keep":
        return Verdict(ruling=Ruling.KEEP, reason="test", use="keep")
    return Verdict(
        ruling=Ruling.MASK, reason="test", use=use, transformer=registry.build(use, params)
    )


def policy(here, verdicts, **tables):
    columns = {
        (t.name, c.name): verdicts.get(c.name, verdict("keep"))
        for t in here.tables
        for c in t.columns
    }
    return Policy(
        columns=columns,
        tables={t.name: tables.get(t.name.name, TableVerdict()) for t in here.tables},
    )


def plan(here, verdicts, frame=FRAME, **tables):
    return build(frame, here, policy(here, verdicts, **tables))


def codes(made):
    return [finding.code for finding in made.findings]


PRIMARY = Key(name="people_pkey", columns=("id",), primary=True)
UNIQUE = Key(name="people_email_key", columns=("email",))
PAIR = Key(name="people_pair", columns=("id", "email"))


@pytest.mark.parametrize(
    ("key", "use", "params", "expected"),
    [
        pytest.param(UNIQUE, "city", {}, ["not-unique"], id="a-pool-pick-is-not-unique"),
        pytest.param(UNIQUE, "constant", {"value": "x"}, ["not-unique"], id="nor-a-constant"),
        pytest.param(PAIR, "city", {}, ["not-unique"], id="nor-in-a-pair"),
        pytest.param(UNIQUE, "email", {}, [], id="an-address-is"),
        pytest.param(UNIQUE, "token", {}, [], id="a-token-is"),
        pytest.param(UNIQUE, "alphanumeric", {}, [], id="a-permutation-is"),
        pytest.param(UNIQUE, "null", {}, [], id="nulls-are-distinct"),
        pytest.param(
            replace(UNIQUE, primary=True), "null", {}, ["not-unique"], id="but-not-in-a-primary-key"
        ),
    ],
)
def test_uniqueness(key, use, params, expected):
    here = catalog(table("people", column("id", INT), column("email"), keys=(key,)))
    assert codes(plan(here, {"email": verdict(use, **params)})) == expected


@pytest.mark.parametrize(
    ("key", "kind", "others", "params", "expected"),
    [
        pytest.param(("who", "born"), DATE, {}, {"per": "who"}, [], id="the-subject-is-kept"),
        pytest.param(
            ("who", "born"), DATE, {"who": "alphanumeric"}, {"per": "who"}, [], id="or-one-to-one"
        ),
        pytest.param(
            ("who", "born"), DATE, {"who": "token"}, {"per": "who"}, [], id="or-unique-by-its-key"
        ),
        pytest.param(
            ("who", "born"), DATE, {"who": "city"}, {"per": "who"}, ["not-unique", "not-unique"],
            id="but-not-a-pool-pick",
        ),
        pytest.param(
            ("who", "born"), DATE, {}, {"per": "id"}, ["not-unique"], id="nor-beside-the-key"
        ),
        pytest.param(("born",), DATE, {}, {"per": "who"}, ["not-unique"], id="nor-alone"),
        pytest.param(("who", "born"), DATE, {}, {}, ["not-unique"], id="nor-without-per"),
        pytest.param(
            ("who", "born"), TEXT, {}, {"per": "who"}, ["not-unique"], id="nor-dates-as-text"
        ),
    ],
)  # fmt: skip
def test_dates_of_a_subject_stay_unique_beside_it(key, kind, others, params, expected):
    unique = Key(name="k", columns=key)
    columns = (column("id", INT), column("who"), column("born", kind))
    here = catalog(table("people", *columns, keys=(unique,)))
    verdicts = {name: verdict(use) for name, use in others.items()}
    made = plan(here, {"born": verdict("shift_date", **params), **verdicts})
    assert codes(made) == expected


def test_a_condition_takes_uniqueness_away():
    here = catalog(table("people", column("id", INT), column("email"), keys=(UNIQUE,)))
    conditional = replace(verdict("token"), when="id > 1", otherwise=verdict("email"))
    assert codes(plan(here, {"email": conditional})) == ["not-unique"]


def test_a_transformer_for_another_kind_is_refused_by_name():
    here = catalog(table("people", column("born", DATE)))
    (finding,) = plan(here, {"born": verdict("email")}).findings
    assert finding.code == "wrong-kind"
    assert "public.people.born" in finding.message
    assert "date" in finding.message
    assert "taken by `shift_date`, `redact`, " in finding.help


def test_a_column_too_short_is_refused():
    short = Type(name="character varying(8)", base="varchar", kind=Kind.TEXT, length=8)
    here = catalog(table("people", column("email", short)))
    assert codes(plan(here, {"email": verdict("email")})) == ["unfit"]


def test_a_column_that_is_read_must_be_there():
    here = catalog(table("people", column("born", DATE)))
    made = plan(here, {"born": verdict("shift_date", per="customer")})
    assert codes(made) == ["unknown-column"]


@pytest.mark.parametrize("exclusion", [False, True])
def test_constraints_over_several_columns_are_not_broken_silently(exclusion):
    columns = ("a",) if exclusion else ("a", "b")
    check = Check(name="c", definition="CHECK (a < b)", columns=columns, exclusion=exclusion)
    here = catalog(table("t", column("a", DATE), column("b", DATE), checks=(check,)))
    assert codes(plan(here, {"a": verdict("shift_date")})) == ["constraint-columns"]
    assert codes(plan(here, {})) == []


def test_warnings_are_accepted_by_id_and_stale_ids_are_told():
    here = catalog(table("people", column("phone")))
    verdicts = {"phone": verdict("phone", range="format")}
    (finding,) = plan(here, verdicts).findings
    assert finding.id == "live-range:public.people.phone"
    accepting = replace(FRAME, accept=(finding.id, "live-range:public.gone.phone"))
    made = plan(here, verdicts, frame=accepting)
    assert not made.findings.blocking
    assert codes(made) == ["live-range", "stale-acceptance"]


def test_an_accepted_error_stops_all_the_same_and_is_told():
    here = catalog(table("people", column("born", DATE)))
    wrong = "wrong-kind:public.people.born"
    made = plan(here, {"born": verdict("email")}, frame=replace(FRAME, accept=(wrong,)))
    assert codes(made) == ["wrong-kind", "cannot-accept"]
    assert made.findings.items[1].subject == wrong


def partitioned(
    strategy="range", bounds=("'2022-01-01'|'2022-02-01'", "'2022-02-01'|'2022-03-01'")
):
    columns = (column("id", INT), column("day", DATE))
    root = table(
        "pay",
        *columns,
        partitioning=Partitioning(strategy=strategy, columns=("day",), definition=""),
    )
    parts = tuple(
        table(
            f"pay_{number}",
            *columns,
            parent=root.name,
            bound="FOR VALUES FROM ({}) TO ({})".format(*bound.split("|"))
            if "|" in bound
            else bound,
        )
        for number, bound in enumerate(bounds)
    )
    return catalog(root, *parts)


def test_a_kept_partition_key_loads_each_partition():
    made = plan(partitioned(), {})
    assert [(s.table.name, s.into.name) for s in made.steps] == [
        ("pay_0", "pay_0"),
        ("pay_1", "pay_1"),
    ]


@pytest.mark.parametrize(
    ("bounds", "fold"),
    [
        pytest.param(
            ("'2022-02-01'|'2022-03-01'", "'2022-01-01'|'2022-02-01'"),
            Fold("2022-01-01", "2022-03-01"),
            id="closed",
        ),
        pytest.param(
            ("MINVALUE|'2022-01-01'", "'2022-01-01'|MAXVALUE"), Fold(None, None), id="open"
        ),
        pytest.param(
            ("'2022-01-01'|'2022-02-01'", "DEFAULT"), Fold(None, None), id="a-default-takes-all"
        ),
    ],
)
def test_a_masked_partition_key_goes_through_the_root_and_is_folded(bounds, fold):
    made = plan(partitioned(bounds=bounds), {"day": verdict("shift_date")})
    assert codes(made) == []
    assert {step.into.name for step in made.steps} == {"pay"}
    assert {step.columns[1].fold for step in made.steps} == {fold}


@pytest.mark.parametrize(
    "here",
    [
        pytest.param(
            partitioned(bounds=("'2022-01-01'|'2022-02-01'", "'2022-03-01'|'2022-04-01'")), id="gap"
        ),
        pytest.param(
            partitioned("list", ("FOR VALUES IN ('2022-01-01')", "FOR VALUES IN (NULL)")), id="list"
        ),
    ],
)
def test_a_partition_key_that_may_fit_nowhere_is_refused(here):
    assert set(codes(plan(here, {"day": verdict("shift_date")}))) == {"partition-key"}


def test_hash_partitions_take_any_value():
    here = partitioned("hash", ("FOR VALUES WITH (modulus 1, remainder 0)",))
    made = plan(here, {"day": verdict("shift_date")})
    assert codes(made) == []
    assert made.steps[0].columns[1].fold is None


def test_sequences_go_above_the_space_of_a_permuted_key():
    owner = (name("people"), "id")
    here = catalog(
        table("people", column("id", INT), keys=(PRIMARY,)),
        sequences=(
            Sequence(name=name("people_id_seq"), last_value=17, is_called=True, owner=owner),
        ),
    )
    assert plan(here, {}).sequences == ((name("people_id_seq"), 17, True),)
    masked = plan(here, {"id": verdict("integer")})
    assert masked.sequences == ((name("people_id_seq"), 2**30 - 1, True),)


def test_recomputed_and_generated_columns_do_not_travel():
    here = catalog(table("t", column("a"), column("b"), column("c", generated=True)))
    generated = Verdict(ruling=Ruling.GENERATED, reason="the server computes it")
    (step,) = plan(here, {"b": verdict("recompute"), "c": generated}).steps
    assert [c.name for c in step.moved] == ["a"]
    assert [c.name for c in step.columns if c.recomputed] == ["b"]


def test_tables_that_are_not_loaded_are_not_checked():
    here = catalog(table("t", column("a", DATE)))
    made = plan(here, {"a": verdict("email")}, t=TableVerdict(treatment=Treatment.EMPTY))
    assert codes(made) == []
    assert made.steps[0].treatment is Treatment.EMPTY


def test_the_fingerprint_is_of_what_decides_and_of_nothing_else():
    here = catalog(table("people", column("id", INT), column("email")))
    first = plan(here, {"email": verdict("email")})
    grown = catalog(replace(here.tables[0], rows=10**9, pages=10**6))
    assert plan(grown, {"email": verdict("email")}).fingerprint == first.fingerprint
    assert plan(here, {"email": verdict("token")}).fingerprint != first.fingerprint
    assert plan(here, {"email": verdict("email", suffix="short")}).fingerprint != first.fingerprint
    other = replace(FRAME, scheme=2)
    assert plan(here, {"email": verdict("email")}, frame=other).fingerprint != first.fingerprint


def test_the_chance_of_a_collision_is_told():
    here = catalog(table("people", column("email"), keys=(UNIQUE,)))
    made = plan(here, {"email": verdict("email")})
    assert made.steps[0].columns[0].uniqueness is Uniqueness.KEYED
    assert any("two of 1,000 masked values are equal with a chance" in text for text in made.notes)


def test_a_partitioned_table_and_its_columns_are_counted_once():
    here = partitioned()
    here = replace(here, tables=(*here.tables, table("t", column("a")), table("u", column("a"))))
    left = TableVerdict(treatment=Treatment.EMPTY)
    text = as_text(plan(here, {"a": verdict("city")}, u=left))
    columns = 1 + len(here.tables[0].columns)
    assert len(here.tables) > 4
    assert "tables    2 loaded, about" in text
    assert "; 1 left empty\n" in text
    assert f"columns   1 masked, {columns - 1} kept, 0 undecided\n" in text


def test_what_is_found_at_two_paths_of_a_column_is_one_finding():
    paths = {"$.work.phone": "phone", "$.home.phone": "phone"}
    here = catalog(table("t", column("doc", JSON)))
    made = plan(here, {"doc": verdict("json", paths=paths)}, replace(FRAME, countries=("IT",)))
    (finding,) = made.findings
    assert finding.id == "live-range:public.t.doc"
    assert all(path in finding.message for path in paths)


def test_the_plan_is_told_in_text_and_json():
    here = catalog(table("people", column("id", INT), column("email"), keys=(UNIQUE,)))
    made = plan(here, {"email": verdict("email")})
    text = as_text(made)
    assert f"plan {made.fingerprint} of p (swap, key 1-ab)" in text
    assert "columns   1 masked, 1 kept, 0 undecided" in text
    told = as_json(made)
    assert told["fingerprint"] == made.fingerprint
    assert told["tables"][0]["columns"][1]["verdict"] == "email"
    assert told["tables"][0]["columns"][1]["under_unique"] == ["people_email_key"]
