"""One exit code for each thing that a caller can do, and the words that come with it."""

import json
import re
import signal
import time

import pytest

from tests.cli.conftest import KEY

ABSENT = "postgresql://reader:secret-word@127.0.0.1:1/people"
COMMANDS = (
    *("demo", "init", "check", "plan", "run", "schedule", "runs", "rollback", "show"),
    *("keys new", "keys id"),
)


# ---- 2: fix the file, the command or the key -----------------------------------------------------


@pytest.mark.parametrize("command", ["check", "plan", "run", "rollback"])
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_a_file_that_is_not_there(masker, command, as_json):
    said = masker(command, "nowhere.yaml", *["--json"][: int(as_json)])
    assert said.code == 2
    assert "nowhere.yaml" in said.text
    if as_json:
        assert said.json["exit_code"] == 2
        assert said.json["findings"][0]["help"]


@pytest.mark.parametrize(
    ("arguments", "word"),
    [
        pytest.param(["refresh"], "refresh", id="a command that is none"),
        pytest.param(["run"], "pipeline", id="an argument too few"),
        pytest.param(["check", "a.yaml", "b.yaml"], "b.yaml", id="an argument too many"),
        pytest.param(["run", "a.yaml", "--fast"], "--fast", id="an option that is none"),
        pytest.param(["run", "a.yaml", "--workers", "0"], "workers", id="a number too small"),
        pytest.param(["run", "a.yaml", "--workers", "some"], "workers", id="no number"),
        pytest.param(["show", "emial"], "email", id="a transformer that is none"),
        pytest.param(["keys", "old"], "old", id="a command of keys that is none"),
    ],
)
@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_misuse(masker, arguments, word, as_json):
    said = masker(*arguments, *["--json"][: int(as_json)])
    assert said.code == 2
    assert word in said.text
    command = f"masker {arguments[0]}" if arguments[0] in {"run", "check", "keys"} else "masker"
    assert f"{command} --help" in said.text or arguments[0] == "show"


@pytest.mark.parametrize(
    ("key", "word"),
    [
        pytest.param("abc", "32 bytes", id="short"),
        pytest.param("00" * 32, "equal", id="all equal"),
        pytest.param("", "empty", id="empty"),
    ],
)
def test_a_key_that_is_none(masker, key, word):
    said = masker("keys", "id", MASKER_KEY=key)
    assert said.code == 2
    assert word in said.err
    assert not key or key not in said.text


def test_a_wrong_password(road, masker):
    url = re.sub(r"(?<=:)[^:@/]+(?=@)", "guessed-word", road.source)
    said = masker("run", road.pipeline(), **{**road.urls, "SOURCE_URL": url})
    assert said.code == 2
    assert "refused the role or its password" in said.err
    assert "guessed-word" not in said.text


def test_a_variable_that_is_not_set(road, masker, monkeypatch):
    monkeypatch.delenv("SOURCE_URL", raising=False)
    said = masker("plan", road.pipeline(), TARGET_URL=road.target)
    assert said.code == 2
    assert "SOURCE_URL" in said.err
    assert re.search(r"people-\d+\.yaml:3:\d+", said.err)


def test_what_a_later_version_brings(road, masker):
    said = masker(
        "run", road.pipeline(more="expires: 14d\nafter_publish: ./after.sh\n"), **road.urls
    )
    assert said.code == 2
    assert {"not-yet:expires", "not-yet:after_publish"} <= set(said.err.split())


# ---- 3: unsafe, so stopped: see test_run_refused.py ----------------------------------------------
# ---- 4, 5: a leak, and data that does not fit ----------------------------------------------------


def test_a_leak(road, production, staging, masker):
    """A note that is kept names the address of somebody whose address is masked."""
    production.sql(
        "UPDATE notes SET body = 'wrote from anna7@mail.test' WHERE person_id = 3",
        database=road.source_name,
    )
    pipeline = road.pipeline()
    pipeline.write_text(pipeline.read_text().replace("body: fake_text", "body: keep"))
    said = masker("run", pipeline, **road.urls)
    assert said.code == 4
    assert "public.notes.body" in said.err
    assert "nothing is published" in said.err
    assert "anna7" not in said.text
    assert staging.sql("SELECT count(*) FROM pg_class WHERE relname = 'people'") == "0"
    (manifest,) = (road.folder / "masker-records").glob("people-*.json")
    assert f"masker-records/{manifest.name}" in said.err
    assert json.loads(manifest.read_text())["outcome"] == "failed"
    assert "anna7" not in manifest.read_text()


def test_data_that_a_constraint_refuses(road, production, masker):
    production.sql(
        "ALTER TABLE people ADD CONSTRAINT own_mail CHECK (email LIKE '%@mail.test')",
        database=road.source_name,
    )
    said = masker("run", road.pipeline(), **road.urls)
    assert said.code == 5
    assert "own_mail" in said.err
    assert "mail.test" not in said.text


def test_a_host_that_nobody_knows(road, masker):
    """The help is to mend the URL; a name service that is silent is a reason to try again."""
    url = "postgresql://reader:secret-word@no-such-host.invalid/people"
    said = masker("plan", road.pipeline(), **{**road.urls, "SOURCE_URL": url})
    assert said.code == (6 if "unresolved-host" in said.err else 2)
    assert "check the host in the URL" in said.err
    assert "secret-word" not in said.text


# ---- 6: try again --------------------------------------------------------------------------------


@pytest.mark.parametrize("side", ["SOURCE_URL", "TARGET_URL"])
@pytest.mark.parametrize("command", ["plan", "run", "init"])
def test_a_server_that_is_not_there(road, masker, command, side):
    urls = {**road.urls, side: ABSENT}
    arguments = [ABSENT] if command == "init" else [road.pipeline()]
    said = masker(command, *arguments, **urls)
    if command == "plan" and side == "TARGET_URL":  # a plan asks the source only
        assert said.code == 0
        return
    assert said.code == 6
    assert "127.0.0.1" in said.err
    assert "secret-word" not in said.text
    assert "help:" in said.err


def test_a_target_that_another_run_works_on(road, masker):
    from masker.engines.postgres.address import Address
    from masker.load.postgres.locks import open_maintenance, run_lock

    with (
        open_maintenance(Address.parse(road.target)) as maintenance,
        run_lock(maintenance, road.target_name),
    ):
        said = masker("run", road.pipeline(), **road.urls)
    assert said.code == 6
    assert road.target_name in said.err


def test_a_folder_that_takes_no_records_is_told_before_anything_is_read(road, masker):
    (road.folder / "file").write_text("")
    urls = {**road.urls, "SOURCE_URL": ABSENT, "TARGET_URL": ABSENT}
    said = masker("run", road.pipeline(), "--records", "file/records", **urls)
    assert said.code == 6
    assert "`file/records`" in said.err
    assert "127.0.0.1" not in said.err
    assert "✗" not in said.err


# ---- 70: our mistake; 130: interrupted -----------------------------------------------------------


@pytest.mark.parametrize("as_json", [False, True], ids=["text", "json"])
def test_our_mistake_names_a_place_and_no_value(road, masker, monkeypatch, as_json):
    def broken(*_, **__):
        raise RuntimeError("Anna Schmidt lives here")

    monkeypatch.setattr("masker.rules.pipeline.load_pipeline", broken)
    said = masker("--debug", "check", road.pipeline(), *["--json"][: int(as_json)])
    assert said.code == 70
    assert "RuntimeError at test_codes.py:" in said.text
    assert "report it" in said.text
    assert "masker --debug COMMAND" in said.text
    assert "Anna" not in said.text
    if as_json:
        assert said.json["error"] == "Bug"


@pytest.mark.long
def test_control_c_while_rows_move(road, staging, spawn, masker):
    pipeline = road.pipeline(source=", limits: {rows_per_second: 5}")
    process = spawn("run", pipeline, **road.urls)
    aside = f"SELECT datname FROM pg_database WHERE datname ~ '^{road.target_name}_masker'"
    loading = (
        "SELECT count(*) FROM pg_stat_activity"
        f" WHERE datname ~ '^{road.target_name}_masker' AND query LIKE 'COPY%'"
    )
    deadline = time.monotonic() + 60
    while staging.sql(loading) == "0":
        assert process.poll() is None, process.communicate()
        assert time.monotonic() < deadline
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=5)  # the pace alone would take ten seconds
    assert process.returncode == 130, err
    assert "nothing was published" in err
    assert re.search(r"manifest masker-records/people-.*\.json", err)
    assert "Traceback" not in out + err
    assert staging.sql(aside) == ""
    assert staging.sql("SELECT count(*) FROM pg_class WHERE relname = 'people'") == "0"
    assert masker("run", road.pipeline(), "-q", **road.urls).code == 0
    assert staging.sql(aside) == f"{road.target_name}_masker_previous"


# ---- help ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(masker, command):
    said = masker(*command.split(), "--help")
    assert said.code == 0
    assert "--json" in said.out


def test_the_codes_stand_in_the_help(masker):
    said = masker("--help")
    assert said.code == 0
    for code in ("2", "3", "4", "5", "6", "70", "130"):
        assert re.search(rf"\b{code}\b", said.out)


def test_the_version(masker):
    said = masker("--version")
    assert said.code == 0
    assert re.fullmatch(r"masker \d+\.\d+.*\n", said.out)


@pytest.mark.parametrize("arguments", [[], ["keys"]], ids=["masker", "masker keys"])
def test_no_command_shows_the_help_and_no_error(masker, arguments):
    said = masker(*arguments)
    assert said.code == 2
    assert "Usage" in said.out
    assert said.err == ""


def test_the_key_is_in_no_output(road, masker):
    for command in (["plan"], ["run", "-q"], ["run", "--json"]):
        said = masker(command[0], road.pipeline(), *command[1:], **road.urls)
        assert said.code == 0
        assert KEY not in said.text
