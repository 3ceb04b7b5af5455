"""Where everything stands in a rule file: positions and words by path, for complaints."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from masker.findings import Position
from masker.rules.document import Block, Items, Scalar, Tree

Path = tuple[str | int, ...]
_PASSWORD = re.compile(
    r"(?P<before>://[^/\s:@]*:)[^@\s]+(?=@)|(?P<key>password=)[^\s&]+", re.IGNORECASE
)
_LONGEST = 60


@dataclass(frozen=True, slots=True)
class Place:
    """One key with its value: where both stand, and the value's words if it is a scalar."""

    key: Position
    value: Position
    written: str | None


class Places:
    """Positions of one file by path, such as `("columns", "customers", "email")`.

    A path that the file does not spell out (a verdict written short, a default) stands where the
    nearest part above it stands.
    """

    def __init__(self, tree: Tree) -> None:
        self._by_path: dict[Path, Place] = dict(_places((), tree, tree.at))

    def _find(self, path: Path) -> Place:
        found: Path = ()
        for step in path:
            below = (*found, step)
            if below in self._by_path:
                found = below
            elif not isinstance(step, int):  # a lone item may stand without its list
                break
        return self._by_path[found]

    def key(self, *path: str | int) -> Position:
        """Return where a key stands, or an item of a list."""
        return self._find(path).key

    def value(self, *path: str | int) -> Position:
        """Return where a value begins."""
        return self._find(path).value

    def written(self, *path: str | int) -> str | None:
        """Return a scalar as the file writes it, without passwords; None for anything else."""
        found = self._find(path).written
        return None if found is None else shown(found)

    def has_items(self, path: Path) -> bool:
        """Tell whether a list that stands in the file has items."""
        return (*path, 0) in self._by_path

    def words(self, path: Path) -> str:
        """Return a path as the file spells it: `columns.customers.email`, `notify[0].webhook`."""
        spelled: Path = ()
        text = ""
        for step in path:
            if isinstance(step, int):
                if (*spelled, step) not in self._by_path:
                    continue
                text += f"[{step}]"
            else:
                text += f".{step}" if text else step
            spelled = (*spelled, step)
        return text


def _places(path: Path, tree: Tree, key: Position) -> Iterator[tuple[Path, Place]]:
    written = tree.written if isinstance(tree, Scalar) else None
    yield path, Place(key, tree.at, written)
    if isinstance(tree, Block):
        for entry in tree.entries:
            yield from _places((*path, entry.key.text), entry.value, entry.key.at)
    elif isinstance(tree, Items):
        for number, item in enumerate(tree.items):
            yield from _places((*path, number), item, item.at)


def shown(written: str) -> str:
    """Return words of a file fit for a message: one line, not too long, no password."""
    text = _PASSWORD.sub(lambda m: (m["before"] or m["key"]) + "***", written)
    text = " ".join(text.split()).replace("`", "'")
    return text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…"


def nearest(word: str, known: Iterable[str]) -> str | None:
    """Return the known word that was probably meant, None if none is near."""
    words = list(dict.fromkeys(known))
    folded = {each.casefold(): each for each in reversed(words)}
    if word.casefold() in folded:
        return folded[word.casefold()]
    return next(iter(difflib.get_close_matches(word, words, n=1, cutoff=0.6)), None)


def closest(word: str, known: Iterable[str], *, otherwise: str = "") -> str:
    """Return "did you mean `…`?" for the nearest known word, else another help."""
    near = nearest(word, known)
    return otherwise if near is None else f"did you mean `{near}`?"
