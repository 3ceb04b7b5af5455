"""What was found in texts, without overlaps: the more certain wins, then the longer."""

from __future__ import annotations

import enum
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace


class Rank(enum.IntEnum):
    """How certain a finding is, by who found it; lower wins."""

    OWN = 0  # a value of the text's own row
    DATA_SET = 1  # a value that the survey knows
    PATTERN = 2
    DICTIONARY = 3
    UNKNOWN = 4  # a capitalised word that nothing is known of
    MODEL = 5


@dataclass(frozen=True, slots=True)
class Span:
    """A piece of a text, in characters, and the way it is masked.

    `value` is what is masked in its place, where that is written in another way in its column. A
    `closed` span is one thing with whatever is found in it, such as a URL.
    """

    start: int
    end: int
    rank: Rank
    way: int
    value: str | None = None
    closed: bool = False


def settled(text: str, spans: list[Span], rest: Mapping[int, int]) -> list[Span]:
    """Return spans that do not overlap, in order of their places.

    What is left of a span when a more certain one took a part is masked as well: `rest` says by
    which way, for ways that take no part of a value; others take it themselves.
    """
    spans = [_unpadded(text, span) for span in spans]
    closed = [span for span in spans if span.closed]
    spans = [span for span in spans if not _inside(span, closed)]
    taken: list[Span] = []
    for span in sorted(spans, key=lambda each: (each.rank, each.start - each.end, each.start)):
        for start, end in _left(span, taken):
            if (start, end) == (span.start, span.end):
                taken.append(span)
                continue
            first, last = _trimmed(text, start, end)
            if first < last:
                way = rest.get(span.way, span.way)
                taken.append(replace(span, start=first, end=last, way=way, value=None))
    return sorted(taken, key=lambda each: each.start)


def _inside(span: Span, closed: list[Span]) -> bool:
    """Tell whether a span lies in a closed one that is longer."""
    return any(
        other.start <= span.start
        and span.end <= other.end
        and other.end - other.start > span.end - span.start
        for other in closed
    )


def _left(span: Span, taken: list[Span]) -> Iterator[tuple[int, int]]:
    start = span.start
    for other in sorted(taken, key=lambda each: each.start):
        if other.end <= start or other.start >= span.end:
            continue
        if other.start > start:
            yield start, other.start
        start = max(start, other.end)
    if start < span.end:
        yield start, span.end


def _unpadded(text: str, span: Span) -> Span:
    """Return a span without blanks at its ends, unless it holds nothing else."""
    part = text[span.start : span.end]
    bare = part.strip()
    if not bare or len(bare) == len(part):
        return span
    start = span.start + len(part) - len(part.lstrip())
    return replace(span, start=start, end=start + len(bare))


def _trimmed(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and not text[start].isalnum():
        start += 1
    while start < end and not text[end - 1].isalnum():
        end -= 1
    return start, end
