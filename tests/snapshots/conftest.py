"""Stores that fsspec itself brings."""

import fsspec
import pytest


@pytest.fixture(params=["memory", "file"])
def url(request, tmp_path, monkeypatch):
    monkeypatch.setenv("TMPDIR", str(tmp_path / "tmp"))
    monkeypatch.setattr("tempfile.tempdir", None)
    (tmp_path / "tmp").mkdir()
    if request.param == "file":
        yield f"file://{tmp_path}/store/shop/monday"
        return
    yield "memory://bucket/shop/monday"
    fsspec.filesystem("memory").rm("/", recursive=True)
