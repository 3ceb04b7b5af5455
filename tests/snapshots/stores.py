"""A small snapshot in a store, and what lies there."""

import fsspec

from masker.snapshots.places import Place
from tests.snapshots.small import KEYS, fill


def names(url):
    """Return the names of all files below a URL."""
    files, path = fsspec.core.url_to_fs(url)
    found = files.find(path) if files.exists(path) else []
    return sorted(name.removeprefix(path) for name in found)


def put(url, *, run="r"):
    """Make a snapshot there, and return what it holds."""
    before = names(url)
    with Place.of(url).begin(run=run) as folder:
        contents = fill(folder)
        folder.seal(contents, keys=KEYS)
        assert names(url) == before  # nothing is done there before it is sealed
        folder.publish()
    return contents
