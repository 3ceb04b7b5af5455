"""The pipelines that are shipped: each is read without complaint, and what is said of it holds."""

from pathlib import Path

import pytest

from masker.demo.folder import shelf
from masker.rules.pipeline import load_pipeline, not_yet

ENVIRON = {
    "SHOP_PRODUCTION_URL": "postgresql://reader:x@production/shop",
    "SHOP_STAGING_URL": "postgresql://loader:x@staging/shop_staging",
    "MASKER_KEY": "4f1c" * 15 + "9b27",
}
SHIPPED = sorted(shelf().glob("*.yaml"))


def test_there_are_examples():
    assert {path.name for path in SHIPPED} >= {"shop.yaml", "nightly.yaml"}


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_is_read(path: Path):
    pipeline = load_pipeline(path, environ=ENVIRON)
    assert pipeline.uncovered == "fail"
    assert not not_yet(pipeline)
    assert not pipeline.findings


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_it_is_checked_without_secrets(path: Path):
    found = load_pipeline(path, environ={}, lenient=True).findings
    assert {"not-set-here"} == {finding.code for finding in found}
    assert {"SHOP_PRODUCTION_URL", "SHOP_STAGING_URL"} <= {finding.subject for finding in found}
    assert not found.blocking


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: path.stem)
def test_no_address_and_no_secret_stands_in_it(path: Path):
    assert "://" not in path.read_text()
