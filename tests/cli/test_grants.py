"""`grants`: the script as people read it, of a URL and of a pipeline."""


def test_the_script_of_a_url(road, production, masker):
    said = masker("grants", production.url(road.source_name), "--role", "nightly")
    assert said.code == 0, said.err
    assert said.out == (
        f"-- What role nightly needs to read database {road.source_name}, and nothing more.\n"
        "-- Run it there as a superuser or as the owner of the tables.\n"
        'CREATE ROLE "nightly" LOGIN;\n'
        "GRANT SELECT ON TABLE\n"
        '    "public"."notes",\n'
        '    "public"."people"\n'
        '  TO "nightly";\n'
        "-- Give it a password: \\password nightly\n"
    )


def test_a_pipeline_needs_nothing_for_what_it_leaves_out(road, masker):
    pipeline = road.pipeline()
    text = pipeline.read_text()
    text = text.replace("  notes: {body: fake_text}\n", "") + "tables: {notes: exclude}\n"
    pipeline.write_text(text)
    said = masker("grants", pipeline, "--json", **road.urls)
    assert said.code == 0, said.text
    assert said.json["database"] == road.source_name
    assert said.json["role"] == "masker_reader"
    assert said.json["engine"] == "PostgreSQL"
    assert 'GRANT SELECT ON TABLE\n    "public"."people"\n' in "\n".join(said.json["statements"])
    assert "notes" not in said.out


def test_what_cannot_be_found_is_said(masker, production, road):
    said = masker("grants", production.url(road.source_name), "--schema", "crm")
    assert said.code == 2
    assert "`crm`" in said.err
    said = masker("grants", "missing.yaml")
    assert said.code == 2
    assert "missing.yaml" in said.err
