"""Paths into JSON documents: which rule covers a leaf, told while a document is walked."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, field

# One step of a path; `..` stands before a step and skips any number of levels.
_STEP = re.compile(
    r"""
      (?:(?P<deep>\.\.)|\.) (?:(?P<name>[^.\[\]*'"$\s][^.\[\]*'"]*) | \*)
    | (?P<down>\.\.)? (?:
          \[(?P<quote>['"])(?P<quoted>.*?)(?P=quote)\]
        | \[(?P<index>\d+)\]
        | (?P<each>\[\*\])
      )
    """,
    re.VERBOSE,
)

Step = str | int | None  # a key, an index, any of them
Position = tuple[int, int]  # number of the path, steps that matched
State = frozenset[Position]


class PathError(ValueError):
    """A path that cannot be read; its text says why."""


@dataclass(frozen=True, slots=True)
class _Path:
    steps: tuple[Step, ...]
    deep: tuple[bool, ...]
    elements: tuple[bool, ...]  # whether the step is `[*]`: elements of lists only

    @property
    def is_exact(self) -> bool:
        return None not in self.steps and not any(self.deep)


@dataclass(frozen=True, slots=True)
class Paths:
    """All paths of a policy as one automaton.

    Where several paths meet in one place, one without wildcards comes first, then the order of
    the file decides.
    """

    paths: tuple[_Path, ...]
    _next: dict[tuple[State, str | int], State] = field(
        default_factory=dict, repr=False, compare=False
    )
    _ended: dict[State, int | None] = field(default_factory=dict, repr=False, compare=False)

    @classmethod
    def of(cls, texts: Iterable[str]) -> Paths:
        """Read paths such as `$.customer.email`, `$.items[*].name`, `$..ip`; PathError."""
        return cls(tuple(parse(text) for text in texts))

    @property
    def start(self) -> State:
        """Return the state at the root of a document."""
        return frozenset((number, 0) for number in range(len(self.paths)))

    def step(self, state: State, key: str | int) -> State:
        """Return the state below a key of an object (text) or an element of a list (number)."""
        known = self._next.get((state, key))
        if known is None:
            known = frozenset(self._moves(state, key))
            if len(self._next) < _REMEMBERED:
                self._next[state, key] = known
        return known

    def rule(self, state: State) -> int | None:
        """Return the number of the path that ends here, the first by precedence; None if none."""
        if state not in self._ended:
            ended = [number for number, at in state if at == len(self.paths[number].steps)]
            first = min(ended, key=lambda n: (not self.paths[n].is_exact, n), default=None)
            self._ended[state] = first
        return self._ended[state]

    def _moves(self, state: State, key: str | int) -> Iterable[Position]:
        for number, at in state:
            path = self.paths[number]
            if at == len(path.steps):
                continue
            if path.deep[at]:
                yield number, at
            wanted = path.steps[at]
            element = isinstance(key, int) or not path.elements[at]
            if element and (wanted is None or wanted == key):
                yield number, at + 1


_REMEMBERED = 100_000  # transitions; keys may be data, and then there is no end of them


def parse(text: str) -> _Path:
    """Read one path; PathError says what is wrong with it."""
    if not text.startswith("$"):
        raise PathError("a path begins with `$`, the whole document")
    steps: list[Step] = []
    deep: list[bool] = []
    elements: list[bool] = []
    at = 1
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            raise PathError(
                f"`{text[at:]}` is no step: write `.key`, `['key']`, `[*]`, `[0]`, `..`"
            )
        if match["index"] is not None:
            steps.append(int(match["index"]))
        else:
            steps.append(match["name"] if match["quoted"] is None else match["quoted"])
        deep.append((match["deep"] or match["down"]) is not None)
        elements.append(match["each"] is not None)
        at = match.end()
    return _Path(tuple(steps), tuple(deep), tuple(elements))
