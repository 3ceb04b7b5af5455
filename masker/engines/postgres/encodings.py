"""What the bytes of an SQL_ASCII database may be, when its owner declares it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType

from masker.errors import DataError

# The encodings that a server stores (PostgreSQL manual, 23.3 "Character Set Support"), by Python's
# names. In all of them a byte below 128 is ASCII, so that COPY's escapes and tabs stay what they
# are; in those that only clients may use (SJIS, BIG5, GBK) it may be half a character.
CODECS: Mapping[str, str] = MappingProxyType(
    {
        "UTF8": "utf-8",
        "LATIN1": "iso8859-1",
        "LATIN2": "iso8859-2",
        "LATIN3": "iso8859-3",
        "LATIN4": "iso8859-4",
        "LATIN5": "iso8859-9",
        "LATIN6": "iso8859-10",
        "LATIN7": "iso8859-13",
        "LATIN8": "iso8859-14",
        "LATIN9": "iso8859-15",
        "LATIN10": "iso8859-16",
        "ISO_8859_5": "iso8859-5",
        "ISO_8859_6": "iso8859-6",
        "ISO_8859_7": "iso8859-7",
        "ISO_8859_8": "iso8859-8",
        "KOI8R": "koi8-r",
        "KOI8U": "koi8-u",
        "WIN866": "cp866",
        "WIN874": "cp874",
        "WIN1250": "cp1250",
        "WIN1251": "cp1251",
        "WIN1252": "cp1252",
        "WIN1253": "cp1253",
        "WIN1254": "cp1254",
        "WIN1255": "cp1255",
        "WIN1256": "cp1256",
        "WIN1257": "cp1257",
        "WIN1258": "cp1258",
        "EUC_CN": "gb2312",
        "EUC_JIS_2004": "euc_jis_2004",
        "EUC_JP": "euc_jp",
        "EUC_KR": "euc_kr",
    }
)


def to_utf8(blocks: Iterable[bytes], encoding: str) -> Iterator[bytes]:
    """Yield blocks of whole rows in UTF-8; DataError when they are not what is declared."""
    codec = CODECS[encoding.upper()]
    for block in blocks:
        try:
            text = block.decode(codec)
        except UnicodeDecodeError:
            raise DataError(
                f"the database holds bytes that are not {encoding}",
                help="declare another `encoding:`, or repair them at the source",
                code="encoding",
            ) from None
        yield text.encode()
