"""`rollback`: the previous data comes back, and a second call undoes the first."""


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
    assert f"{road.target_name} holds the data of {first} again" in said.out
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


def test_a_first_run_is_undone_too(road, staging, masker):
    assert masker("run", road.pipeline(), "-q", **road.urls).code == 0
    said = masker("rollback", road.pipeline())
    assert said.code == 0, said.err
    assert "before masker's first run" in said.out
    assert (
        staging.sql(
            "SELECT count(*) FROM pg_class WHERE relname = 'people'", database=road.target_name
        )
        == "0"
    )
