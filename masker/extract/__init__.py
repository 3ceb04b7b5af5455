"""Read tables of the source in ranges, all of one snapshot."""

from masker.extract.pace import Pace
from masker.extract.source import Extract, Range, ranges

__all__ = ["Extract", "Pace", "Range", "ranges"]
