"""What the fields of documents and the attributes of rows are named: they tell as columns do.

JSON, XML, hstore, serialized PHP and query strings are not parsed but searched for what stands
where a name stands, so a document that is cut off tells as much as it holds.
"""

from __future__ import annotations

import polars as pl

from masker.detect.entities import Entity
from masker.detect.names import alone, somebody

_NAME = r"([\p{L}_][\p{L}\p{N}_ .-]{0,40})"
_PLACES = (
    rf'"{_NAME}"\s*(?::|=>)',  # JSON, hstore
    r"<([\p{L}_][\p{L}\p{N}_.-]{0,40})[\s>/]",  # XML
    rf's:[0-9]+:\\?"{_NAME}\\?";',  # serialized PHP
    r"(?:^|[&?;\s])([A-Za-z_][A-Za-z0-9_.-]{0,40})=",  # query strings, attributes
)
_FORMS = (
    r"^\s*[\[{][\s\[{]*[\"'\]}]",  # JSON
    r"^\s*<[?!\p{L}]",  # XML
    r"^[aOC]:[0-9]+:",  # serialized PHP
    r"^\"[^\"]*\"=>",  # hstore
    r"^[A-Za-z_][A-Za-z0-9_.-]*=[^=\s]*&",  # query strings
)
_DOCUMENT = "|".join(_FORMS)
_MOST = 5000  # names; documents with more are keyed by data
# Named in documents as often as not without saying anything of a person.
_EVERYBODYS = frozenset(
    {Entity.COUNTRY, Entity.REGION, Entity.OPAQUE_DATA, Entity.FILE_PATH, Entity.URL,
     Entity.PHOTO, Entity.FREE_TEXT, Entity.COORDINATES}
)  # fmt: skip


def field_entities(values: pl.Series) -> tuple[Entity, ...]:
    """Return what the fields of documents are named by, sorted; the names themselves are not told.

    `values` are distinct documents as text.
    """
    found: set[str] = set()
    for place in _PLACES:
        names = values.str.extract_all(place).explode().drop_nulls().unique().head(_MOST)
        found.update(names.str.extract(place, 1).drop_nulls().to_list())
    return named_entities(pl.Series(sorted(found), dtype=pl.String))


def are_documents(values: pl.Series) -> bool:
    """Tell whether most texts are documents: JSON, XML, serialized PHP, query strings."""
    return bool(values.len()) and 2 * int(values.str.contains(_DOCUMENT).sum()) > values.len()


def named_entities(names: pl.Series) -> tuple[Entity, ...]:
    """Return what attributes of these names hold, sorted."""
    asked = names.drop_nulls().unique().head(_MOST).to_list()
    told = {alone(name) for name in asked} - _EVERYBODYS - {None}
    # Where a plain word names nobody, `user` and `owner` may
    told = told or {somebody(name) for name in asked}
    return tuple(sorted(entity for entity in told - _EVERYBODYS if entity is not None))
