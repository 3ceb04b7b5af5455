"""`rollback`: the previous data comes back, and a second call undoes the first."""

from masker.keys import Keyring
from masker.ledger import ledger
from tests.cli.conftest import KEY


def people(server, road) -> str:
    return server.sql(
        "SELECT md5(string_agg(name, ',' ORDER BY id)) FROM people", database=road.target_name
    )


def test_twice_is_as_it_was(road, production, staging, masker):
    pipeline = road.pipeline()
    first = masker("run", pipeline, "--json", **road.urls).json["run"]
    old = people(staging, road)
    production.sql("UPDATE people SET name = 'Somebody Else'", database=road.source_name)
    second = masker("run", pipeline, "--json").json["run"]
    new = people(staging, road)
    assert new != old

    said = masker("rollback", pipeline)
    assert said.code == 0, said.err
    assert f"{road.target_name} holds the data of run {first} again" in said.out
    assert people(staging, road) == old

    said = masker("rollback", pipeline, "--json")
    assert said.json == {
        "target": road.target_name,
        "now": second,
        "previous": f"{road.target_name}_masker_previous",
    }
    assert people(staging, road) == new
    assert masker("run", pipeline, "-q").code == 0


def test_without_a_copy_there_is_nothing_to_bring_back(road, masker):
    said = masker("rollback", road.pipeline(), **road.urls)
    assert said.code == 2
    assert "help:" in said.err


def test_an_empty_copy_is_refused(road, staging, masker):
    assert masker("run", road.pipeline(), "-q", **road.urls).code == 0
    new = people(staging, road)
    said = masker("rollback", road.pipeline())
    assert said.code == 2
    assert "previous-empty" in said.err
    assert "help:" in said.err
    assert people(staging, road) == new


def test_what_no_run_filled_comes_back_too(road, staging, masker):
    staging.sql("CREATE TABLE mine (id int)", database=road.target_name)
    pipeline = road.pipeline(target=", allow: [unmarked-target]")
    assert masker("run", pipeline, "-q", **road.urls).code == 0
    said = masker("rollback", pipeline, "--json")
    assert said.code == 0, said.text
    assert said.json["now"] is None
    assert staging.sql("SELECT count(*) FROM mine", database=road.target_name) == "0"


def test_the_ledger_tells_it(road, masker):
    pipeline = road.pipeline()
    first = masker("run", pipeline, "--json", "--records", "kept", **road.urls).json["run"]
    second = masker("run", pipeline, "--json", "--records", "kept").json["run"]
    assert masker("rollback", pipeline, "--records", "kept").code == 0
    path = road.folder / "kept" / "ledger.jsonl"
    told = [(line["outcome"], line["run"]) for line in ledger.read(path)]
    assert told[-2:] == [("rolling-back", second), ("rolled-back", first)]
    assert not ledger.verify(path, keys=[Keyring.parse(KEY)]).blocking
