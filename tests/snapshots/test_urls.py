"""What is told of a URL brings nobody in."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from masker.snapshots.urls import is_url, scheme_of, told

TOLD = {
    "s3://bucket/shop/monday": "s3://bucket/shop/monday",
    "s3://bucket/a@b/c:d": "s3://bucket/a@b/c:d",
    "S3://Bucket/Monday/": "s3://Bucket/Monday",
    "file:///var/shop": "file:///var/shop",
    "sftp://host:22/shop": "sftp://host:22/shop",
    "ftp://u:S3CRET@host:21/shop": "ftp://host:21/shop",
    "ftp://S3CRET@host/shop": "ftp://host/shop",
    "ftp://u:S3@CRET@host/shop": "ftp://host/shop",
    "az://box/shop?sig=S3CRET&se=2026": "az://box/shop",
    "s3://bucket/shop#S3CRET": "s3://bucket/shop",
    "https://host/shop?mail=a@b&token=S3CRET": "https://host/shop",
    "abfs://box@account.dfs.core.windows.net/shop": "abfs://box@account.dfs.core.windows.net/shop",
    "abfs://u:S3CRET@account.dfs.core.windows.net/shop": "abfs://account.dfs.core.windows.net/shop",
    "ftp://u:S3/CRET@host/shop": "ftp://…",
    "ftp://u:S3?CRET@host/shop": "ftp://…",
    "ftp://u:12#S3CRET@host/shop": "ftp://…",
    "ftp://u:S3@CR/ET@host/shop": "ftp://…",
    "ftp://u:S3CRET/shop": "ftp://…",
    "zip://a.zip::ftp://u:S3CRET@host/shop": "zip://…",
    "my store://u:S3CRET@host/shop": "…",
}


@pytest.mark.parametrize("url", TOLD)
def test_it_is_told_without_what_brings_somebody_in(url):
    assert told(url) == TOLD[url]
    assert told(TOLD[url]) == TOLD[url]


@given(password=st.text(min_size=1).filter(lambda text: "☃" not in text))
def test_no_password_is_told(password):
    """Whatever its signs, escaped or not; snowmen show where it begins and ends."""
    assert "☃" not in told(f"ftp://user:☃{password}☃@host:21/shop/monday")


@pytest.mark.parametrize(
    ("text", "url", "scheme"),
    [
        ("S3://bucket/x", True, "s3"),
        ("folder/deep", False, ""),
        ("a::b", False, ""),
        ("simplecache::s3://bucket/x", True, ""),
        ("zip://x::s3://bucket/x", True, ""),
        (" ftp://host/x", True, ""),
    ],
)
def test_what_holds_a_url_is_no_path(text, url, scheme):
    assert (is_url(text), scheme_of(text)) == (url, scheme)
