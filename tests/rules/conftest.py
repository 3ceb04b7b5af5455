"""Pipelines as text, resolved against small catalogs."""

import pytest

from masker.rules.pipeline import parse_pipeline
from masker.rules.resolve import resolve

HEAD = "version: 1\nname: shop\nsource: {url: a}\ntarget: {url: b}\n"


@pytest.fixture
def pipeline_of(tmp_path):
    def read(text, **environ):
        return parse_pipeline(HEAD + text, file=tmp_path / "p.yaml", environ=environ)

    return read


@pytest.fixture
def policy_of(pipeline_of):
    def made(text, catalog):
        return resolve(pipeline_of(text), catalog)

    return made
