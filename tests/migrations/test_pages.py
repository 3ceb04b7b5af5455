"""docs/library.md and docs/migrations.md are run: every block, from the page alone."""

import re
import subprocess
import sys
from pathlib import Path

import pytest
import sqlalchemy as sa

from masker.testing import NoPersonalData
from tests.pipelines.lying import KEY

DOCS = Path(__file__).parents[2] / "docs"
EXAMPLE = DOCS / "examples" / "alembic"
FENCE = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
SHOP = (
    "CREATE TABLE customers (id integer PRIMARY KEY, email text UNIQUE, name text)",
    "CREATE TABLE orders (id integer PRIMARY KEY, customer_id integer REFERENCES customers (id))",
    "INSERT INTO customers VALUES (1, 'anna.schmidt@web.de', 'Anna Schmidt')",
    "INSERT INTO customers VALUES (2, 'b.blau@gmx.net', 'Bert Blau')",
    "INSERT INTO orders VALUES (1, 2), (2, 2), (3, 1)",
)


def blocks(page, *, of=None):
    found = FENCE.findall((DOCS / page).read_text(encoding="utf-8"))
    return [each for each in found if of is None or re.search(of, each)]


@pytest.fixture
def shop(tmp_path, monkeypatch):
    """The database that both pages speak of, in the folder where their code runs."""
    folder = tmp_path / "work"
    folder.mkdir()
    monkeypatch.chdir(folder)
    monkeypatch.setenv("MASKER_KEY", KEY)  # drawn fakes may be called like the people by chance
    engine = sa.create_engine("sqlite:///shop.db")
    with engine.begin() as connection:
        for statement in SHOP:
            connection.exec_driver_sql(statement)
    yield engine
    engine.dispose()


def run(*codes):
    names = {}
    for code in codes:
        exec(compile(code, "a page", "exec"), names)
    return names


def test_the_library_page_runs_from_top_to_bottom(shop, capsys):
    with shop.begin() as connection:
        connection.exec_driver_sql("ALTER TABLE customers ADD COLUMN country text")
    codes = [
        each for each in blocks("library.md")
        if not re.search(r"pytest_plugins|def test_", each)
    ]  # fmt: skip
    names = run(*codes)
    names["look"]()
    out = capsys.readouterr().out
    assert "uncovered customers.phone" in out
    assert "2 customers, 3 rows that refer to them" in out
    assert "901820" not in out
    masked = names["masked"]
    assert masked["country"].to_list() == ["DE", "AT"]
    assert masked["name"][0].split()[-1].upper() in masked["name"][1]
    assert names["fake"] != "b.blau@gmx.net"
    names["engine"].dispose()


def test_the_fixture_of_the_library_page(shop):
    """tests/testing shows the same by a pytest of its own."""
    plugin, test = blocks("library.md", of="pytest_plugins|def test_")
    assert run(plugin)["pytest_plugins"] == ["masker.testing"]
    with pytest.raises(pytest.fail.Exception) as caught:
        run(test)["test_seed"](NoPersonalData(), shop)
    assert "`main.customers.email` holds EMAIL_ADDRESS in 2 of 2" in str(caught.value)
    assert "web.de" not in str(caught.value)


def test_the_plain_recipe(shop, capsys):
    (code,) = blocks("migrations.md", of="engine.begin")
    names = run(code)
    assert capsys.readouterr().out == "2 {'main.orders': 3}\n"
    with shop.connect() as connection:
        held = connection.exec_driver_sql(
            "SELECT c.id, c.email FROM customers c JOIN orders o ON o.customer_id = c.id"
        ).all()
    assert len(held) == 3
    assert not [row for row in held if row[0] in {1, 2} or "web.de" in row[1] or "gmx" in row[1]]
    names["engine"].dispose()


def test_what_the_page_says_of_alembic_stands_in_the_example():
    project = "\n".join(path.read_text() for path in sorted(EXAMPLE.rglob("*.py")))
    shown = blocks("migrations.md", of=r"def upgrade|import masker\.migrations")
    assert len(shown) == 3
    for each in shown:
        assert each.strip() in project


SETTINGS = """
import os
SECRET_KEY = "x"
INSTALLED_APPS = ["shop"]
DEFAULT_AUTO_FIELD = "django.db.models.AutoField"
USE_TZ = True
DATABASES = {"default": %s}
"""
MODELS = """
from django.db import models
class Customer(models.Model):
    email = models.EmailField(unique=True)
    name = models.CharField(max_length=80)
class Order(models.Model):
    customer = models.ForeignKey(Customer, on_delete=models.CASCADE)
"""
INITIAL = """
from django.db import migrations, models
class Migration(migrations.Migration):
    initial = True
    operations = [
        migrations.CreateModel("Customer", [
            ("id", models.AutoField(primary_key=True)),
            ("email", models.EmailField(max_length=254, unique=True)),
            ("name", models.CharField(max_length=80)),
        ]),
        migrations.CreateModel("Order", [
            ("id", models.AutoField(primary_key=True)),
            ("customer", models.ForeignKey("shop.Customer", on_delete=models.CASCADE)),
        ]),
    ]
"""
STORY = """
import sys
from pathlib import Path
import django
sys.dont_write_bytecode = True
django.setup()
from django.core.management import call_command
from django.db.utils import OperationalError, ProgrammingError
from masker import UnsafeError
from shop.models import Customer, Order

def everything():
    return [(o.customer.id, o.customer.email, o.customer.name)
            for o in Order.objects.select_related("customer").order_by("id")]

call_command("migrate", "shop", "0001", verbosity=0)
for mail, name in [("anna@web.de", "Anna Schmidt"), ("b.blau@gmx.net", "Bert Blau")]:
    Order.objects.create(customer=Customer.objects.create(email=mail, name=name))
before = everything()
folder = Path("shop/migrations")
recipe = (folder / "0002_mask.py").read_text()
(folder / "0002_mask.py").write_text(recipe.replace("RunPython.noop)]", "RunPython.noop), "
    "migrations.RunSQL('SELECT nonsense FROM nowhere')]"))
del sys.modules["shop.migrations.0002_mask"]
try:
    call_command("migrate", "shop", "0002", verbosity=0)
    raise AssertionError("it did not fail")
except (OperationalError, ProgrammingError) as failure:
    assert "no" in str(failure)  # no such table nowhere
assert everything() == before
(folder / "0002_mask.py").write_text(recipe)
del sys.modules["shop.migrations.0002_mask"]
call_command("migrate", "shop", "0002", verbosity=0)
after = everything()
assert [row[0] for row in after] == [row[0] for row in before]
text = str(after).lower()
assert not [word for word in ("anna", "web.de", "gmx", "bert", "blau") if word in text], text
call_command("migrate", "shop", "0001", verbosity=0)  # nothing to undo
try:
    call_command("migrate", "shop", "0002", verbosity=0)
    raise AssertionError("it was masked twice")
except UnsafeError as refused:
    assert refused.code == "already-masked"
assert everything() == after
print("told to the end")
"""


@pytest.mark.parametrize("kind", ["sqlite", pytest.param("postgres", marks=pytest.mark.long)])
def test_the_recipe_for_django(kind, request, tmp_path):
    pytest.importorskip("django", reason="the recipe for Django needs it: pip install django")
    (recipe,) = blocks("migrations.md", of="django")
    if kind == "sqlite":
        database = {
            "ENGINE": "django.db.backends.sqlite3",
            "NAME": str(tmp_path / "db" / "shop.db"),
        }
    else:
        server = request.getfixturevalue("staging")
        url = sa.make_url(request.getfixturevalue("fresh_database")(server, "django"))
        host = url.host or url.query.get("host", "")
        database = {
            "ENGINE": "django.db.backends.postgresql", "NAME": url.database, "USER": url.username,
            "PASSWORD": url.password or "", "HOST": host, "PORT": str(url.port or ""),
        }  # fmt: skip
    (tmp_path / "db").mkdir()
    app = tmp_path / "project" / "shop"
    (app / "migrations").mkdir(parents=True)
    for folder in (app, app / "migrations"):
        (folder / "__init__.py").touch()
    (tmp_path / "project" / "settings.py").write_text(SETTINGS % database)
    (app / "models.py").write_text(MODELS)
    (app / "migrations" / "0001_initial.py").write_text(INITIAL)
    (app / "migrations" / "0002_mask.py").write_text(recipe)

    done = subprocess.run(
        [sys.executable, "-c", STORY], capture_output=True, text=True, check=False,
        cwd=tmp_path / "project", env={"DJANGO_SETTINGS_MODULE": "settings", "PATH": "", "MASKER_KEY": KEY},
    )  # fmt: skip
    assert done.stdout == "told to the end\n", done.stderr
