"""No false alarm: what is masked honestly is published, under whatever key."""

import itertools
from urllib.parse import urlsplit

import pytest

from masker.demo.folder import shelf
from masker.keys import Keyring
from masker.pipelines.record import PUBLISHED
from masker.pipelines.run import run
from tests.e2e.world import KEYS

SAMPLES = ("pagila", "hr", "chinook", "shop")
# The key and the sample of the plain suite, beside those of tests/pipelines; a long run takes all.
SOON = (0, "pagila")


@pytest.fixture(scope="module")
def ends(request, production, staging, lasting_database):
    """Give source and target URLs of a sample; one pair serves all keys."""
    made: dict[str, tuple[str, str]] = {}

    def of(name: str) -> tuple[str, str]:
        if name not in made:
            template = request.getfixturevalue(name)
            if name == "shop":
                reader = request.getfixturevalue("production_roles").reader
                loader = request.getfixturevalue("staging_roles").loader
                source = lasting_database(production, name, template=template, owner="shop_owner")
                target = lasting_database(staging, name, owner="masker_loader")
                made[name] = _at(reader, source), _at(loader, target)
            else:
                made[name] = (
                    lasting_database(production, name, template=template),
                    lasting_database(staging, name),
                )
        return made[name]

    return of


def _at(role: str, database: str) -> str:
    return urlsplit(role)._replace(path=urlsplit(database).path).geturl()


@pytest.mark.parametrize(
    ("number", "sample"),
    [
        pytest.param(*case, marks=[] if case == SOON else pytest.mark.long)
        for case in itertools.product(range(len(KEYS)), SAMPLES)
    ],
)
def test_honest_masking_is_published(request, ends, tmp_path, sample, number):
    source, target = ends(sample)
    policies = request.config.rootpath / "tests" / "pipelines" / "policies"
    pipeline = shelf() / "shop.yaml" if sample == "shop" else policies / f"{sample}.yaml"
    done = run(
        pipeline,
        records=tmp_path,
        keys=Keyring.parse(KEYS[number]),
        environ={
            "SOURCE_URL": source,
            "TARGET_URL": target,
            "SHOP_PRODUCTION_URL": source,
            "SHOP_STAGING_URL": target,
        },
    )
    assert done.outcome == PUBLISHED
    assert done.audit is not None
    assert done.audit.canaries > 0
    assert not done.audit.findings
