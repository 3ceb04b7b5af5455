"""Subsets on the command line and under fire: refusals, reasons, a writer, fan-out, a budget."""

import json
import threading

import psycopg
import pytest

from tests.pipelines.refreshes import one

SHOP = """
CREATE TABLE account (id int PRIMARY KEY, owner text, plan text);
CREATE TABLE entry (id int PRIMARY KEY, account_id int NOT NULL REFERENCES account, pair int, amount int);
CREATE TABLE tag (id int PRIMARY KEY, word text);
CREATE TABLE entry_tag (entry_id int REFERENCES entry, tag_id int REFERENCES tag, PRIMARY KEY (entry_id, tag_id));
INSERT INTO account SELECT g, 'o' || g, CASE g % 50 WHEN 0 THEN 'rare' ELSE 'usual' END FROM generate_series(1, 2000) g;
INSERT INTO entry SELECT g, 1 + g % 2000, g / 2000, CASE WHEN g <= 4000 THEN 1 ELSE -1 END FROM generate_series(1, 8000) g;
INSERT INTO tag SELECT g, 't' || g FROM generate_series(1, 30) g;
INSERT INTO entry_tag SELECT g, 1 + g % 30 FROM generate_series(1, 8000) g;
CREATE INDEX ON entry (account_id); CREATE INDEX ON entry_tag (tag_id); ANALYZE
"""
POLICY = """\
version: 1
name: subset
source: {url: "${SOURCE_URL}"}
target: {url: "${TARGET_URL}"}
columns:
  account: {id: keep, owner: constant_words, plan: keep}
  entry: {"*": keep}
  tag: {"*": keep}
  entry_tag: {"*": keep}
""".replace("constant_words", "{use: constant, with: {value: somebody}}")


@pytest.fixture(scope="module")
def accounts(production, lasting_database):
    """A template: the tests work on copies of it."""
    url = lasting_database(production, "accounts")
    with psycopg.connect(url, autocommit=True) as session:
        session.execute(SHOP)
    return url.rpartition("/")[2]


@pytest.fixture
def world(production, staging, fresh_database, tmp_path, masker, accounts):
    source = fresh_database(production, "accounts", template=accounts)
    target = fresh_database(staging, "accounts")

    class World:
        def __init__(self):
            self.source, self.target = source, target

        def __call__(self, command, *arguments, more=""):
            path = tmp_path / "p.yaml"
            path.write_text(POLICY + more)
            folder = ["--records", tmp_path / "records"] if command == "run" else []
            return masker(
                command, path, *folder, *arguments, SOURCE_URL=source, TARGET_URL=target,
                MASKER_KEY="5b0de3c1a7746f0e9ad2c58be1376cf4482d90b76eaf13c5d09b8847f26ce31a",
            )  # fmt: skip

        def count(self, query):
            with psycopg.connect(target) as session:
                return one(session, query)

    yield World()
    staging.drop_database(f"{target.rpartition('/')[2]}_masker_previous")


def test_one_account_and_all_that_is_its_own(world):
    said = world("run", "--root", "account where id = 42", "--json")
    assert said.code == 0, said.text
    kept = said.json["plan"]["subset"]["kept"]
    assert kept == {"public.account": 1, "public.entry": 4, "public.entry_tag": 4, "public.tag": 30}
    assert world.count("SELECT count(*) FROM entry WHERE account_id = 42") == 4
    assert world.count("SELECT count(*) FROM account") == 1
    assert "id = 42" not in json.dumps(said.json)


def test_the_plan_says_what_is_kept_and_carries_the_subset_in_its_fingerprint(world):
    few = world("plan", "--json", "--root", "account rows 10")
    more = world("plan", "--json", "--root", "account rows 20")
    tables = {table["table"]: table["kept"] for table in few.json["tables"]}
    assert tables == {
        "public.account": 10,
        "public.entry": 40,
        "public.entry_tag": 40,
        "public.tag": 30,
    }
    assert few.json["fingerprint"] != more.json["fingerprint"]
    assert (
        few.json["fingerprint"]
        == world("plan", "--json", "--root", "account rows 10").json["fingerprint"]
    )
    told = world("plan", "--root", "account rows 10")
    assert "public.account: 10 kept of about 2,000 rows" in told.out


def test_why_a_row_is_kept_or_is_not(world):
    root = ("--root", "account where id = 42")
    said = world("plan", *root, "--why", "entry_tag:41,12")
    assert said.code == 0, said.text
    assert said.out.splitlines() == [
        "entry_tag:41,12 is kept:",
        (
            "  public.entry_tag:41,12  it refers by `public.entry_tag.entry_id` to a row of "
            "`public.entry` whose children come along"
        ),
        (
            "  public.entry:41  it refers by `public.entry.account_id` to a row of `public.account` "
            "whose children come along"
        ),
        "  public.account:42  a root of the subset",
    ]
    out = world("plan", *root, "--why", "entry:42").out
    assert out.startswith("entry:42 is not kept:\n  its parent in `public.account` by")
    assert "not among the rows that the root" in world("plan", *root, "--why", "account:7").out
    assert "is not there" in world("plan", *root, "--why", "account:777777").out


@pytest.mark.parametrize(
    ("arguments", "more", "code", "words"),
    [
        (["--root", "acount where id = 1"], "", "unknown-table", "account"),
        (["--root", "account where no_such = 1"], "", "bad-predicate", "a column that the table"),
        (["--root", "account where id = = 1"], "", "bad-predicate", "it is not SQL"),
        (["--root", "account where id"], "", "bad-predicate", "true or false"),
        (["--root", "account where id = -1"], "", "empty-root", "keeps no row"),
        (["--root", "account sample 300%"], "", "bad-root", "sample"),
        (["--root", "account", "--why", "account"], "", "bad-row", "no key"),
        (["--root", "account", "--why", "acount:1"], "", "bad-row", "account"),
        (["--root", "account", "--why", "entry_tag:1"], "", "bad-row", "2 columns"),
        (["--why", "account:1"], "", "no-subset", "--root"),
        ([], "subset: {roots: [{table: account}], references: [{table: entry, id: pear, to: tag.id}]}",
         "unknown-column", "pair"),
        ([], "subset: {roots: [{table: account, where: 'id < 0'}]}", "empty-root", "p.yaml:"),
    ],
)  # fmt: skip
def test_wrong_input_ends_with_exit_code_2(world, arguments, more, code, words):
    said = world("plan", *arguments, more=more)
    assert said.code == 2, said.text
    assert code in said.text or code in ("bad-row", "no-subset")
    assert words in said.text


def test_a_budget_is_met(world):
    for wanted in (500, 3000):
        said = world(
            "plan",
            "--json",
            more=f"subset: {{roots: [{{table: account}}], budget: {{rows: {wanted}}}}}",
        )
        assert said.code == 0, said.text
        rows = sum(table["kept"] for table in said.json["tables"])
        assert 0.9 * wanted <= rows <= 1.1 * wanted
        assert said.json["subset"]["share"] < 1


def test_a_budget_in_bytes_is_met(world):
    whole = world("plan", "--json").json["estimate"]["disk_bytes"]
    said = world(
        "plan",
        "--json",
        more=f"subset: {{roots: [{{table: account}}], budget: {{bytes: {whole // 8}}}}}",
    )
    assert said.code == 0, said.text
    assert 0.85 < said.json["estimate"]["disk_bytes"] / 1.3 / (whole // 8) < 1.15


def test_a_budget_that_cannot_be_met_is_told(world):
    said = world("plan", more="subset: {roots: [{table: account}], budget: {rows: 5}}")
    assert said.code == 2
    assert "off-budget" in said.text


def test_cover_shows_what_is_rare(world):
    with psycopg.connect(world.source, autocommit=True) as session:
        session.execute(
            "UPDATE account SET plan = 'unique' WHERE id = 1234; UPDATE account SET owner = NULL WHERE id = 77"
        )
        session.execute("UPDATE entry SET amount = 1000000 WHERE id = 500")
    section = "subset: {{roots: [{{table: account, rows: 10}}], cover: {}}}"
    assert world("run", more=section.format("true")).code == 0
    assert world.count("SELECT count(DISTINCT plan) FROM account") == 3
    assert world.count("SELECT count(*) FROM account WHERE owner IS NULL") == 1
    assert world.count("SELECT max(amount) FROM entry") == 1000000
    assert world.count("SELECT min(id) * 10000 + max(id) FROM entry") == 18000
    assert world.count("SELECT count(*) FROM account") < 30
    plain = world("plan", "--json", more=section.format("false"))
    assert {t["table"]: t["kept"] for t in plain.json["tables"]}["public.account"] == 10


def test_every_parent_s_children_are_all_there_or_as_many_as_the_limit(world):
    assert world("run", "--root", "account sample 10%", "--workers", "2").code == 0
    assert (
        world.count(
            "SELECT count(DISTINCT n) FROM (SELECT count(*) n FROM entry GROUP BY account_id) g"
        )
        == 1
    )
    assert world.count("SELECT count(*) FROM entry") == 4 * world.count(
        "SELECT count(*) FROM account"
    )
    section = "subset: {roots: [{table: account, sample: 10%}], children: {edges: {entry.account_id: {max_per_parent: 3}}}}"
    assert world("run", more=section).code == 0
    assert world.count("SELECT count(*) FROM entry") == 3 * world.count(
        "SELECT count(*) FROM account"
    )


def test_what_somebody_writes_meanwhile_is_not_half_there(world):
    """Entries come and go in pairs that add up to nothing; accounts come and go with theirs."""
    stop = threading.Event()

    def write():
        with psycopg.connect(world.source) as session:
            number = 100_000
            while not stop.is_set():
                number += 2
                account = 5000 + number
                session.execute("INSERT INTO account VALUES (%s, 'new', 'usual')", [account])
                for n, amount in ((number, 5), (number + 1, -5)):
                    session.execute(
                        "INSERT INTO entry VALUES (%s, %s, 0, %s)", [n, account, amount]
                    )
                session.commit()
                session.execute("DELETE FROM entry WHERE account_id = %s", [account - 6])
                session.execute("DELETE FROM account WHERE id = %s", [account - 6])
                pair = 1 + number % 2000
                session.execute(
                    "DELETE FROM entry_tag WHERE entry_id IN (SELECT id FROM entry WHERE account_id = %s)",
                    [pair],
                )
                session.execute("DELETE FROM entry WHERE account_id = %s", [pair])
                session.commit()

    thread = threading.Thread(target=write)
    thread.start()
    try:
        said = world("run", "--root", "account sample 60%", "--workers", "2", "--json")
    finally:
        stop.set()
        thread.join()
    assert said.code == 0, said.text
    assert world.count("SELECT sum(amount) FROM entry") == 0
    odd = "SELECT account_id FROM entry GROUP BY account_id HAVING sum(amount) <> 0"
    assert world.count(f"SELECT count(*) FROM ({odd}) o") == 0
    assert world.count("SELECT count(*) FROM account") > 1000
