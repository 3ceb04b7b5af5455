"""The demo: its folder, servers that stay, what it shows, and the whole tour as people call it."""

import hashlib
import json
import os
import re
import resource
import shlex
import shutil
import signal
import stat
import subprocess
import sys
import tempfile
import time
import unicodedata
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from masker.cli.app import run_command_line
from masker.demo.folder import Folder, shelf
from masker.demo.sights import NAMED, PEOPLE, PLACES, Sight, look
from masker.demo.stay import Stayed, stayed, stop
from masker.errors import ConfigError
from masker.keys import Keyring

KEY = hashlib.sha256(b"the same fakes in every test").hexdigest()
UNCHANGED = {"orders, spent"}


@pytest.fixture
def folder(tmp_path) -> Folder:
    return Folder(tmp_path / "masker-demo")


class TestFolder:
    def test_it_gets_the_shipped_pipeline_and_a_private_key(self, folder):
        assert folder.furnish() is False
        assert folder.pipeline.read_text() == (shelf() / "shop.yaml").read_text()
        assert stat.S_IMODE(folder.key.stat().st_mode) == 0o600
        Keyring.parse(folder.key.read_text())

    def test_a_second_call_leaves_what_is_there(self, folder):
        folder.furnish()
        key = folder.key.read_text()
        folder.pipeline.write_text("version: 1\n")
        assert folder.furnish() is True
        assert folder.pipeline.read_text() == "version: 1\n"
        assert folder.key.read_text() == key

    def test_a_folder_that_cannot_be_made_is_named(self, tmp_path):
        (tmp_path / "file").write_text("")
        with pytest.raises(ConfigError, match="cannot write into"):
            Folder(tmp_path / "file" / "below").furnish()

    def test_only_one_key_reaches_the_pipeline(self, folder):
        folder.furnish()
        outer = {"MASKER_KEY": "x", "MASKER_KEY_COMMAND": "y", "PATH": "z"}
        inner = folder.environment(outer, source="a", target="b")
        assert set(inner) == {"PATH", "SHOP_PRODUCTION_URL", "SHOP_STAGING_URL", "MASKER_KEY_FILE"}
        assert Keyring.from_environment(inner) == Keyring.parse(folder.key.read_text())

    def test_the_urls_file_is_private_and_says_the_same_to_a_shell(self, folder):
        folder.furnish()
        folder.write_urls(source="postgresql://a:'b c'@d/e", target="f")
        assert stat.S_IMODE(folder.urls.stat().st_mode) == 0o600
        said = subprocess.run(
            ["sh", "-c", f'. "{folder.urls}"; printf %s "$SHOP_PRODUCTION_URL/${{MASKER_KEY-}}"'],
            env={"MASKER_KEY": "outer"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        assert said == "postgresql://a:'b c'@d/e/"


LEAVE = """
import sys
from pathlib import Path
from masker.demo.folder import Folder
from masker.demo.servers import EmbeddedServer
from masker.demo.stay import leave
leave(Folder(Path(sys.argv[1])), [EmbeddedServer.start()])
"""


class TestStay:
    @pytest.fixture
    def left(self, folder) -> Stayed:
        """Leave a server running from a process that has ended."""
        folder.furnish()
        subprocess.run([sys.executable, "-c", LEAVE, str(folder.path)], check=True, timeout=60)
        (one,) = stayed(folder)
        return one

    def test_a_server_stays_until_it_is_stopped(self, folder, left):
        assert stop(folder) == 1
        assert not left.alive
        assert not left.directory.exists()
        assert stayed(folder) == ()

    def test_a_server_that_died_is_only_cleared_away(self, folder, left):
        os.kill(left.pid, signal.SIGKILL)
        while left.alive:
            time.sleep(0.01)
        assert stop(folder) == 0
        assert not left.directory.exists()

    def test_stopping_nothing_is_no_error(self, folder):
        assert stop(folder) == 0


class TestLook:
    def test_every_place_has_something_to_show(self, production, shop):
        people, places = look(production.url(shop), production.url(shop))
        assert len(people) == PEOPLE
        assert len(places) > len(PLACES) - 3  # in a small shop nobody need stand everywhere
        assert all(sight.same for sight in (*people, *places))


def masker(*arguments, cwd, **environment) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "masker", *arguments],
        cwd=cwd,
        env=os.environ | environment,
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )


def sights(told) -> list[Sight]:
    return [
        Sight(each["place"], each["production"], each["staging"])
        for each in told["before_and_after"]
    ]


def family(name: str) -> str:
    """Return the last word of a name as an address spells it."""
    word = unicodedata.normalize("NFKD", name.rsplit(maxsplit=1)[-1].casefold())
    return "".join(letter for letter in word if letter.isascii() and letter.isalpha())


@pytest.fixture(scope="module")
def place(tmp_path_factory):
    made = tmp_path_factory.mktemp("tour")
    yield made
    masker("demo", "--stop", cwd=made)


@pytest.fixture(scope="module")
def told(place):
    """Run the demo at a twentieth of its size and leave its servers running."""
    (place / "masker-demo").mkdir()
    (place / "masker-demo" / "masker.key").write_text(KEY + "\n")
    done = masker("demo", "--scale", "0.05", "--keep", "--json", cwd=place)
    told = json.loads(done.stdout)
    assert done.returncode == 0, told.get("findings", told["message"])
    return told


class TestTour:
    def test_everything_personal_has_changed(self, told):
        shown = sights(told)
        assert {sight.place for sight in shown if sight.same} == UNCHANGED
        assert all(sight.staging for sight in shown)

    def test_one_person_is_one_person_everywhere(self, told):
        seen = {sight.place: sight.staging for sight in sights(told)}
        assert seen["e-mail in a mailing"] == seen["e-mail"]
        assert seen["e-mail"] in seen["event (JSON)"]

    def test_an_address_agrees_with_the_name_it_holds(self, told):
        people = [each for each in sights(told) if each.place.startswith("customer ")]
        assert len(people) == PEOPLE
        for number, sight in enumerate(people):
            for shown in (sight.production, sight.staging):
                name, address = shown.split("\n")
                assert (family(name) in address) is (number < NAMED)

    def test_one_customer_everywhere_has_the_name_in_the_address(self, told):
        seen = {sight.place: sight for sight in sights(told)}
        for side in ("production", "staging"):
            assert family(getattr(seen["name"], side)) in getattr(seen["e-mail"], side)

    def test_files_lie_where_it_says(self, told, place):
        for name in ("pipeline", "manifest_file", "key_file"):
            assert (place / told[name]).is_file()
        assert json.loads((place / told["manifest_file"]).read_text()) == told["manifest"]

    def test_it_refuses_to_start_twice(self, told, place):
        again = masker("demo", cwd=place)
        assert again.returncode == ConfigError.exit_code
        assert "masker demo --stop" in again.stderr

    def test_the_next_commands_work(self, told, place):
        script = "\n".join(told["next"])
        done = subprocess.run(
            ["sh", "-e", "-x", "-c", script],
            cwd=place,
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
            timeout=240,
        )
        assert done.returncode == 0, done.stderr
        assert "2 servers stopped" in done.stdout

    def test_then_no_server_is_left(self, told, place):
        assert masker("demo", "--stop", cwd=place).stdout == "masker-demo: no server was running\n"

    def test_keep_gives_both_urls(self, told):
        """Two servers of their own, on loopback: other ports, other roles, other passwords."""
        ends = [urlsplit(told["servers"][side]) for side in ("production", "staging")]
        assert {end.hostname for end in ends} == {"127.0.0.1"}
        for one in ("port", "username", "password"):
            assert len({getattr(end, one) for end in ends} - {None, ""}) == 2


def spent() -> float:
    """Return the processor time of this process's children that have ended, and of theirs."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


class TestShown:
    """The demo as it is called first: what a person reads, and that no server is left."""

    @pytest.fixture
    def temporary(self):
        """A TMPDIR that the server's own user may enter, where clusters come and go."""
        made = Path(tempfile.mkdtemp(prefix="tour-"))
        made.chmod(0o755)
        yield made
        shutil.rmtree(made)

    def show(self, cwd, temporary, *arguments) -> str:
        environment = {"COLUMNS": "120", "NO_COLOR": "1", "TMPDIR": str(temporary)}
        done = masker("demo", *arguments, cwd=cwd, **environment)
        assert done.returncode == 0, done.stderr
        assert list(temporary.glob("masker-*")) == []
        assert str(temporary).encode() not in b"".join(
            line.read_bytes() for line in Path("/proc").glob("[0-9]*/cmdline") if line.exists()
        )
        return done.stdout

    def check(self, out, cwd) -> None:
        """Rows before and after, where files lie, and three commands that work."""
        heads = ("The same customers, before", "One customer, in every place", "Files", "Next")
        places = [out.index(head) for head in heads]
        assert places == sorted(places)
        assert out[places[0] : places[1]].count("@") == 2 * PEOPLE
        assert "published" in out[places[1] : places[2]]
        files, following = out[places[2] : places[3]], out[places[3] :].splitlines()[1:]
        for name in ("pipeline, policy", "key", "manifests, ledger"):
            (path,) = re.findall(rf"^  {name} +(\S+)$", files, re.MULTILINE)
            assert (cwd / path).exists()
        (manifest,) = re.findall(r"^  manifest +(\S+)$", out, re.MULTILINE)
        assert json.loads((cwd / manifest).read_text())["outcome"] == "published"
        assert "Servers" not in files
        commands = [line.strip() for line in following if re.match(r"  \S", line)]
        assert len(commands) == 3
        again, *others = (shlex.split(command) for command in commands)
        assert again[-4:] == ["demo", "--keep", "--dir", "masker-demo"]
        for words in others:
            done = masker(*words[-2:], cwd=cwd)
            assert done.returncode == 0, done.stderr

    @pytest.mark.long
    def test_a_small_one(self, tmp_path, temporary):
        self.check(self.show(tmp_path, temporary, "--scale", "0.01"), tmp_path)

    @pytest.mark.long
    def test_the_default_is_large_and_takes_less_than_a_minute(self, tmp_path, temporary):
        """Processor time of everything that it starts, so that busy neighbours do not count."""
        began = spent()
        out = self.show(tmp_path, temporary)
        assert 5 < spent() - began < 60
        self.check(out, tmp_path)
        tables, rows = re.findall(r"^  tables +(\d+) loaded, ([\d,]+) rows", out, re.MULTILINE)[0]
        assert int(tables) >= 15
        assert int(rows.replace(",", "")) >= 100_000


@pytest.mark.parametrize("scale", ["0", "-1", "nan", "inf", "1e9", "large"])
def test_a_scale_that_makes_no_sense_is_refused_before_anything_is_begun(
    tmp_path, monkeypatch, capsys, scale
):
    monkeypatch.chdir(tmp_path)
    assert run_command_line(["demo", f"--scale={scale}"]) == ConfigError.exit_code
    said = capsys.readouterr().err
    assert "scale" in said
    assert "servers" not in said
    assert list(tmp_path.iterdir()) == []
