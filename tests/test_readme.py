"""What the README and the demo's page show is true: code runs, commands parse, links lead somewhere."""

import re
import shlex
import sqlite3
import unicodedata
from pathlib import Path

import pytest

from masker.cli.app import run_command_line
from masker.errors import MaskerError
from masker.rules.pipeline import parse_pipeline

ROOT = Path(__file__).parents[1]
PAGES = (ROOT / "README.md", ROOT / "docs" / "demo.md")
README = PAGES[0].read_text()
FENCE = re.compile(r"^```(\w+)\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def blocks(text: str, language: str) -> list[str]:
    return [body for kind, body in FENCE.findall(text) if kind == language]


def commands(page: Path) -> list[str]:
    """Return each masker command that a page shows, in a block of shell or in its text."""
    text = page.read_text()
    shown = [line for body in blocks(text, "sh") for line in body.splitlines()]
    inline = re.findall(r"`(masker [^`]+)`", FENCE.sub("", text))
    return [line for line in (*shown, *inline) if line.startswith("masker ")]


def words_of(command: str) -> list[str]:
    """Return a command's words, without comment and redirection."""
    words = shlex.split(command, comments=True)[1:]
    return words[: words.index(">")] if ">" in words else words


@pytest.mark.parametrize(
    "command", [pytest.param(each, id=each) for page in PAGES for each in commands(page)]
)
def test_a_command_parses(command, capsys):
    """Options are parsed before `--help` is answered, so an unknown one is told."""
    code = run_command_line([*words_of(command), "--help"])
    assert code == 0, capsys.readouterr().err
    assert f"masker {command.split()[1]}" in capsys.readouterr().out


def test_the_first_screen_has_the_two_commands():
    first_screen = "\n".join(README.splitlines()[:40])
    assert "make demo" in first_screen
    assert "make test" in first_screen


def python(word, monkeypatch):
    """Run the block of Python that has a word, without any key, and return its names."""
    monkeypatch.delenv("MASKER_KEY", raising=False)
    (code,) = [each for each in blocks(README, "python") if word in each]
    names = {}
    exec(compile(code, "README.md", "exec"), names)
    return names


def test_a_frame_is_masked(monkeypatch):
    names = python("mask_frame", monkeypatch)
    masked = names["masked"]
    people = names["people"]
    assert masked.columns == people.columns
    assert not (masked["name"] == people["name"]).any()
    family = masked["name"][0].split()[-1]
    assert family.upper() in masked["name"][1]
    plain = unicodedata.normalize("NFKD", family.casefold()).encode("ascii", "ignore").decode()
    assert plain in masked["email"][0]


def test_a_table_is_masked_in_a_transaction(monkeypatch, tmp_path, capsys):
    (tmp_path / "work").mkdir()
    monkeypatch.chdir(tmp_path / "work")
    shop = sqlite3.connect("shop_test.db")
    shop.executescript("""
        CREATE TABLE customers (id integer PRIMARY KEY, email text UNIQUE, name text);
        CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers);
        INSERT INTO customers VALUES (1, 'anna.schmidt@web.de', 'Anna Schmidt');
        INSERT INTO orders VALUES (7, 1), (8, 1);
    """)
    names = python("mask_table", monkeypatch)
    names["engine"].dispose()
    assert capsys.readouterr().out == "1 {'main.orders': 2}\n"
    ((key, email, name),) = shop.execute("SELECT * FROM customers").fetchall()
    assert shop.execute("SELECT customer_id FROM orders").fetchall() == [(key,), (key,)]
    assert key != 1
    assert email.rpartition("@")[2] != "web.de"
    assert name != "Anna Schmidt"
    shop.close()


def test_every_block_of_python_is_run():
    assert len(blocks(README, "python")) == 2


@pytest.mark.parametrize("text", blocks(README, "yaml"))
def test_a_pipeline_is_one(text):
    environ = {
        "SHOP_PRODUCTION_URL": "postgresql://a@b/c",
        "SHOP_STAGING_URL": "postgresql://a@b/d",
    }
    assert not parse_pipeline(text, file="README.md", environ=environ).findings


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_somewhere(page):
    links = re.findall(r"\]\(([^)#]+)?(#[^)]+)?\)", page.read_text())
    assert [path for path, _ in links if path and not (page.parent / path).exists()] == []


def test_every_exit_code_stands_in_the_table():
    def codes(kind):
        return {kind.exit_code}.union(*(codes(each) for each in kind.__subclasses__()))

    shown = {int(code) for code in re.findall(r"^\| (\d+) \|", README, re.MULTILINE)}
    assert shown == codes(MaskerError) | {0}
