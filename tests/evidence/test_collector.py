import pickle

import numpy as np
import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.catalog import Kind, TableName
from masker.evidence import Collector, Evidence, RunKey
from masker.evidence.exposure import Exposure
from masker.keys.forms import Form
from masker.transformers.base import Groups, Masked
from masker.transformers.email import Email
from masker.transformers.permutation import Digits
from masker.transformers.person import FirstName

TABLE = TableName("public", "people")
KEY = RunKey.random()


def seen(plan, column, original, written, *, table=TABLE, **masked):
    collector = Collector(plan, KEY)
    collector.see(
        table=table,
        column=column,
        original=pl.Series(original, dtype=pl.String),
        masked=Masked(pl.Series(written, dtype=pl.String), **masked),
    )
    return collector.seal().columns[TABLE, column.name]


def test_counts_nulls_equals_and_what_could_not_be_parsed(plan_of, column_plan):
    column = column_plan("email", Email())
    found = seen(
        plan_of(column),
        column,
        ["a@mail.test", None, "b@mail.test"],
        ["a@mail.test", None, "c@mail.test"],
        unparsed=2,
        shapes={"LLL": 2},
    )
    assert (found.written.values, found.written.nulls) == (2, 1)
    assert (found.equal, found.unparsed, found.shapes) == (1, 2, {"LLL": 2})
    assert found.sources[Exposure.DIRECT, Form.WHOLE].size == 2


def test_a_blank_that_stays_blank_is_no_value_left_as_it_was(plan_of, column_plan):
    column = column_plan("email", Email())
    blanks = ["", " ", "\t\n", None]
    assert seen(plan_of(column), column, blanks, blanks).equal == 0


def test_counts_values_that_differ_in_case_only_where_case_is_nothing(plan_of, column_plan):
    column = column_plan("name", FirstName())
    assert seen(plan_of(column), column, ["Anna", "Bert"], ["ANNA", "Emil"]).equal == 1


def test_counts_the_row_beside_where_values_are_permuted(plan_of, column_plan):
    column = column_plan("code", Digits())
    values = [f"{number}5550000{number}" for number in range(10, 40)]
    found = seen(plan_of(column), column, values, [*values[1:], "7770000777"])
    assert (found.equal, found.shifted) == (0, 29)


def test_partitions_count_at_their_root(plan_of, column_plan):
    column = column_plan("email", Email())
    plan = plan_of(column, partitions=("low", "high"))
    collector = Collector(plan, KEY)
    for part, rows in (("low", 3), ("high", 4)):
        collector.count(table=TableName("public", part), rows=rows)
    assert collector.seal().rows == {TABLE: 7}


def test_what_a_branch_keeps_is_no_secret(plan_of, column_plan):
    column = column_plan("email", Email(), None)
    found = seen(
        plan_of(column),
        column,
        ["kept@mail.test", "masked@mail.test"],
        ["kept@mail.test", "x@y.example"],
    )
    assert found.kept.size > 0
    assert found.sources[Exposure.DIRECT, Form.WHOLE].size == 1


@pytest.mark.parametrize("kind", [Kind.DATE, Kind.INTEGER, Kind.BOOLEAN])
def test_dates_and_numbers_are_counted_and_not_looked_for(plan_of, column_plan, kind):
    column = column_plan("x", Digits(), kind=kind)
    found = seen(plan_of(column), column, ["1", "2"], ["1", "3"], chance=0.1)
    assert (found.equal, found.sources) == (1, {})
    assert (found.distinct.size, found.same.size) == (2, 1)


def test_leaves_of_json_that_the_rules_keep_are_not_looked_for(plan_of, column_plan):
    column = column_plan("facts", Email(), kind=Kind.JSON)
    found = seen(
        plan_of(column),
        column,
        ['{"to": ["a.long@mail.test"], "by": "system@mail.test"}'] * 2,
        ['{"to": ["other@y.example"], "by": "system@mail.test"}'] * 2,
    )
    assert found.sources[Exposure.DIRECT, Form.WHOLE].size == 1


VALUES = st.lists(
    st.one_of(
        st.none(),
        st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0"), max_size=12),
    ),
    min_size=1,
    max_size=40,
)


@given(values=VALUES, at=st.integers(0, 40))
def test_two_workers_see_what_one_sees(plan_of, column_plan, values, at):
    column = column_plan("x", Email())
    collectors = [Collector(plan_of(column), KEY) for _ in range(3)]
    for collector, part in zip(collectors, (values, values[:at], values[at:]), strict=True):
        original = pl.Series(part, dtype=pl.String)
        collector.see(table=TABLE, column=column, original=original, masked=Masked(original))
        collector.count(table=TABLE, rows=len(part))
    one, *two = (pickle.loads(pickle.dumps(each.seal())) for each in collectors)
    merged = Evidence.merged(two)
    assert merged.rows == one.rows
    whole, parts = one.columns[TABLE, "x"], merged.columns[TABLE, "x"]
    assert whole.written == parts.written
    assert whole.equal == parts.equal
    for which, prints in whole.sources.items():
        mine = {tuple(pair) for part in prints.parts(KEY) for pair in part.T.tolist()}
        theirs = {
            tuple(pair) for part in parts.sources[which].parts(KEY) for pair in part.T.tolist()
        }
        assert mine == theirs


@given(st.lists(st.sampled_from(["Anna", "Bert", "anna", "", " ", "Zoë Maria", None])))
def test_groups_leave_the_evidence_of_their_rows(plan_of, column_plan, names):
    column = column_plan("name", FirstName())
    fakes = {"Anna": "ANNA", "Bert": None, "anna": "anna", "Zoë Maria": "Eva", None: None}
    original = pl.Series(names, dtype=pl.String)
    written = [fakes.get(name, name) for name in names]
    once = original.drop_nulls().value_counts().rename({"": "value"})
    made = pl.Series([fakes.get(name, name) for name in once["value"]], dtype=pl.String)
    groups = Groups(once["value"], made, once["count"].cast(pl.Int64).to_numpy())
    rows = seen(plan_of(column), column, names, written)
    told = seen(plan_of(column), column, names, written, groups=groups)
    assert (told.written, told.equal, told.short) == (rows.written, rows.equal, rows.short)
    assert prints(told) == prints(rows)


def prints(evidence):
    return {
        place: {pair for part in found.parts(KEY) for pair in zip(*part.tolist(), strict=True)}
        for place, found in evidence.sources.items()
    }


def test_what_recurs_in_later_batches_is_counted_all_the_same(plan_of, column_plan):
    column = column_plan("name", FirstName())
    collector, fakes = (
        Collector(plan_of(column), KEY),
        {"Anna": "Eva", "Bert": "Bert", "Ida": "Zoe"},
    )
    for names in (["Anna", "Ida"], ["Ida"], ["Anna", "Bert"], ["Bert", "Anna"]):
        original = pl.Series(names)
        written = pl.Series([fakes[name] for name in names])
        groups = Groups(original, written, np.ones(len(names), dtype=np.int64))
        masked = Masked(written, groups=groups)
        collector.see(table=TABLE, column=column, original=original, masked=masked)
    found = collector.seal().columns[TABLE, "name"]
    assert (found.written.values, found.equal) == (7, 2)
    assert max(len(each) for each in prints(found).values()) == 3
