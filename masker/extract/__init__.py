"""Read tables of the source in ranges, all of one snapshot."""

from masker.extract.source import Extract, Range

__all__ = ["Extract", "Range"]
