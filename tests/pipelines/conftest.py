"""The sample databases and the shop, each refreshed once for all tests that look at the result."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest

from masker.demo.folder import shelf
from masker.pipelines.run import run
from tests.pipelines.refreshes import KEY, Refreshed, refresh

SAMPLES = ("pagila", "hr", "chinook", "shop")


def at(url: str, database: str) -> str:
    return urlsplit(url)._replace(path=f"/{database}").geturl()


@pytest.fixture(scope="session")
def refreshed_of(
    request, production, staging, lasting_database, tmp_path_factory
) -> Callable[[str], Refreshed]:
    """Refresh a sample by its name, the first time that it is asked for."""
    made: dict[str, Refreshed] = {}

    def sample(name: str) -> Refreshed:
        template = request.getfixturevalue(name)
        source = lasting_database(production, name, template=template)
        target = lasting_database(staging, name)
        run = refresh(name, source=source, target=target, records=tmp_path_factory.mktemp(name))
        return Refreshed(name=name, source=source, target=target, run=run)

    def shop() -> Refreshed:
        """Go as the demo goes: roles that may do what they must, and no more."""
        template = request.getfixturevalue("shop")
        reader = request.getfixturevalue("production_roles").reader
        loader = request.getfixturevalue("staging_roles").loader
        source = lasting_database(production, "shop", template=template, owner="shop_owner")
        target = lasting_database(staging, "shop", owner="masker_loader")
        done = run(
            shelf() / "shop.yaml",
            records=tmp_path_factory.mktemp("shop"),
            environ={
                "SHOP_PRODUCTION_URL": at(reader, urlsplit(source).path[1:]),
                "SHOP_STAGING_URL": at(loader, urlsplit(target).path[1:]),
                "MASKER_KEY": KEY,
            },
        )
        return Refreshed(name="shop", source=source, target=target, run=done)

    def of(name: str) -> Refreshed:
        if name not in made:
            made[name] = shop() if name == "shop" else sample(name)
        return made[name]

    return of


@pytest.fixture(scope="session", params=SAMPLES)
def refreshed(request, refreshed_of) -> Refreshed:
    """Each of the four in turn."""
    return refreshed_of(request.param)
