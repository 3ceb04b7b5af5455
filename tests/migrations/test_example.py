"""The example project runs as its reader would run it: history, downgrade, failure, `--sql`."""

import io
import logging
import re
import shutil
from pathlib import Path

import pytest
import sqlalchemy as sa
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext

from masker.errors import MaskerError, UnsafeError
from masker.migrations import OfflineError
from tests.pipelines.lying import KEY

EXAMPLE = Path(__file__).parents[2] / "docs" / "examples" / "alembic"
PEOPLE = [(1, "anna.kranz@web.de", "Anna Kranz"), (2, "bert.blau@gmx.de", "Bert Blau"),
          (3, "carla.kranz@web.de", "Carla Kranz")]  # fmt: skip
FAILS = """
from alembic import op
revision = "0005"
down_revision = "0004"
def upgrade():
    op.execute("UPDATE orders SET total = 99")
    op.mask_table("orders", rules={"orders": {"*": "keep"}}, again=True)
    op.mask_table("badges", columns={"customer_id": "keep", "colour": "fake_text"})
    op.execute("INSERT INTO orders (id, customer_id, total) VALUES (1, 1, 1)")
def downgrade():
    pass
"""


@pytest.fixture(params=["postgres", "sqlite"])
def url(request, tmp_path, monkeypatch):
    if request.param == "sqlite":
        (tmp_path / "files").mkdir()
        url = f"sqlite:///{tmp_path}/files/shop.db"
    else:
        server = request.getfixturevalue("staging")
        url = request.getfixturevalue("fresh_database")(server, "example")
        url = url.replace("postgresql://", "postgresql+psycopg://")
    monkeypatch.setenv("DATABASE_URL", url)
    monkeypatch.setenv("MASKER_KEY", KEY)  # drawn fakes may be called like the people by chance
    return url


@pytest.fixture
def project(tmp_path):
    """A copy of the example, and Alembic's view of it."""
    shutil.copytree(EXAMPLE, tmp_path / "project", ignore=shutil.ignore_patterns("__pycache__"))
    root = logging.getLogger()
    handlers, level = root.handlers[:], root.level
    yield Config(tmp_path / "project" / "alembic.ini", output_buffer=io.StringIO())
    root.handlers[:] = handlers  # the project's settings took their place
    root.setLevel(level)


def rows(url, sql):
    engine = sa.create_engine(url)
    with engine.connect() as connection:
        found = [tuple(row) for row in connection.exec_driver_sql(sql)]
    engine.dispose()
    return found


def run(url, *statements):
    engine = sa.create_engine(url)
    with engine.begin() as connection:
        for statement in statements:
            connection.exec_driver_sql(statement)
    engine.dispose()


def fill(url):
    run(
        url,
        *(f"INSERT INTO customers (id, email, name) VALUES ({n}, '{email}', '{name}')"
          for n, email, name in PEOPLE),
        *(f"INSERT INTO orders (id, customer_id, total) VALUES ({n}, {1 + n % 3}, {n})"
          for n in range(1, 10)),
        "INSERT INTO badges VALUES (1, 'red')", "INSERT INTO badges VALUES (3, 'blue')",
    )  # fmt: skip


def everything(url):
    tables = ("customers", "orders", "badges", "alembic_version")
    return {table: sorted(rows(url, f"SELECT * FROM {table}")) for table in tables}


TIES = ("SELECT o.id, o.total, b.colour FROM orders o JOIN customers c ON c.id = o.customer_id "
        "LEFT JOIN badges b ON b.customer_id = c.id ORDER BY o.id")  # fmt: skip


def test_the_whole_history_upward_and_downward(url, project):
    command.upgrade(project, "0002")
    fill(url)
    ties = rows(url, TIES)
    command.upgrade(project, "head")
    after = everything(url)
    assert rows(url, TIES) == ties
    assert len(ties) == 9
    assert {row[0] for row in after["customers"]} & {1, 2, 3} == set()
    texts = " ".join(f"{row[1]} {row[2]}" for row in after["customers"]).lower()
    assert not [word for word in ("anna", "bert", "carla", "web.de", "gmx") if word in texts]
    assert rows(url, "SELECT count(*) FROM training_orders") == [(4,)]
    command.downgrade(project, "0002")  # the table for trainings goes; what is masked stays so
    assert everything(url)["customers"] == after["customers"]
    command.downgrade(project, "base")
    command.upgrade(project, "0001")
    assert everything(url)["customers"] == []


def test_an_upgrade_says_what_it_masked_and_no_value(url, project, capsys):
    command.upgrade(project, "0002")
    fill(url)
    command.upgrade(project, "head")
    said = capsys.readouterr().err
    masked = (
        r"INFO +[\w.]*customers: 3 rows masked \([^)]*email[^)]*\), with 2 of [\w.]*badges and 9 of"
    )
    assert re.search(masked, said), said
    assert "training_orders: 4 rows with nothing to mask\n" in said
    assert "note[one-side:" in said
    assert not [value for _, *values in PEOPLE for value in values if value in said]


def test_the_rules_hold_whatever_kind_of_database_production_is(url, project, monkeypatch):
    other = "postgresql://nobody@127.0.0.1:1/shop" if "sqlite" in url else "sqlite:///shop.db"
    monkeypatch.setenv("SHOP_PRODUCTION_URL", other)
    command.upgrade(project, "0002")
    fill(url)
    before = everything(url)
    command.upgrade(project, "head")
    assert everything(url)["customers"] != before["customers"]


MODEL = sa.MetaData()
sa.Table("customers", MODEL, sa.Column("id", sa.Integer, primary_key=True))


@pytest.mark.parametrize("comment", [None, "people who buy"])
def test_autogenerate_leaves_the_marker_alone(url, project, comment):
    def proposed(wanted):
        MODEL.tables["customers"].comment = wanted
        engine = sa.create_engine(url)
        with engine.connect() as connection:
            found = compare_metadata(MigrationContext.configure(connection), MODEL)
        engine.dispose()
        return [each[0] for each in found if isinstance(each, tuple) and "comment" in each[0]]

    command.upgrade(project, "0002")
    fill(url)
    if "postgres" in url:
        run(url, f"COMMENT ON TABLE customers IS {'NULL' if comment is None else repr(comment)}")
    command.upgrade(project, "0003")
    if "postgres" in url:
        assert proposed(comment) == []
        assert proposed("another") == ["add_table_comment"]
        assert proposed(None) == ([] if comment is None else ["remove_table_comment"])
    engine = sa.create_engine(url)
    assert not [name for name in sa.inspect(engine).get_table_names() if "masker" in name]
    engine.dispose()


def test_a_second_upgrade_is_a_finding_and_changes_nothing(url, project):
    command.upgrade(project, "0002")
    fill(url)
    command.upgrade(project, "0003")
    command.downgrade(project, "0002")
    before = everything(url)
    with pytest.raises(UnsafeError) as caught:
        command.upgrade(project, "head")
    assert [each.code for each in caught.value.findings] == ["already-masked"]
    assert everything(url) == before


def test_a_failure_in_the_middle_rolls_all_back(url, project, tmp_path):
    command.upgrade(project, "0002")
    fill(url)
    before = everything(url)
    (tmp_path / "project/migrations/versions/0005_fails.py").write_text(FAILS)
    with pytest.raises(sa.exc.IntegrityError):
        command.upgrade(project, "head")
    assert everything(url) == before
    engine = sa.create_engine(url)
    assert set(sa.inspect(engine).get_table_names()) == {
        "customers",
        "orders",
        "badges",
        "alembic_version",
    }
    engine.dispose()
    (tmp_path / "project/migrations/versions/0005_fails.py").unlink()
    command.upgrade(project, "head")
    assert everything(url)["customers"] != before["customers"]


def test_an_uncovered_column_rolls_all_back_and_is_told(url, project, tmp_path):
    command.upgrade(project, "0002")
    fill(url)
    before = everything(url)
    rules = tmp_path / "project" / "rules.yaml"
    rules.write_text(rules.read_text().replace("    name: full_name\n", ""))
    with pytest.raises(UnsafeError, match=r"customers\.name"):
        command.upgrade(project, "head")
    assert everything(url) == before


def test_as_sql_it_is_refused(url, project):
    with pytest.raises(OfflineError) as caught:
        command.upgrade(project, "0002:0003", sql=True)
    assert 'op.mask_table("customers")' in str(caught.value)
    assert isinstance(caught.value, MaskerError)
    assert caught.value.exit_code == 2
    with pytest.raises(OfflineError, match=r"op\.copy_masked"):
        command.upgrade(project, "0003:0004", sql=True)


def test_the_columns_of_two_tables_agree_without_a_key(url, project, tmp_path, monkeypatch):
    monkeypatch.delenv("MASKER_KEY")
    command.upgrade(project, "0001")
    run(url, "CREATE TABLE letters (email varchar(120) PRIMARY KEY)",
        "INSERT INTO letters VALUES ('anna.kranz@web.de')",
        "INSERT INTO customers (id, email) VALUES (1, 'anna.kranz@web.de')")  # fmt: skip
    (tmp_path / "project/migrations/versions/0002_countries.py").write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n'
        "def upgrade():\n"
        '    op.mask_table("letters", columns={"email": "email"})\n'
        '    op.mask_table("customers", columns={"id": "keep", "name": "keep", "email": "email"})\n'
    )
    command.upgrade(project, "0002")
    told = rows(url, "SELECT email FROM letters")
    assert told == rows(url, "SELECT email FROM customers")
    assert told != [("anna.kranz@web.de",)]


@pytest.mark.parametrize("given", ["", 'rules={"t": {}}, columns={}'], ids=["neither", "both"])
def test_rules_or_columns_one_of_them(url, project, tmp_path, given):
    (tmp_path / "project/migrations/versions/0002_countries.py").write_text(
        'from alembic import op\nrevision = "0002"\ndown_revision = "0001"\n'
        f'def upgrade():\n    op.mask_table("customers", {given})\n'
    )
    with pytest.raises(MaskerError, match="`rules` or `columns`, one of them"):
        command.upgrade(project, "0002")
