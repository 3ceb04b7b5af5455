"""Which transformers a person may choose for a column that the one of the policy does not fit."""

from __future__ import annotations

from masker.catalog import Kind
from masker.transformers import registry
from masker.transformers.base import Site, Transformer

_NEEDS_TRIGGER = "recompute"
_MOST = 4


def suggestion(site: Site, *, instead_of: str) -> str:
    """Return a few built-in transformers that take the column's kind and fit it, as a help line.

    One that cannot be had without parameters is judged by its kinds alone.
    """
    fitting: list[str] = []
    for kind in sorted(map(registry.get, registry.BUILT_IN), key=lambda each: _order(each, site)):
        if len(fitting) == _MOST:
            break
        if kind.name not in {instead_of, _NEEDS_TRIGGER} and _fits(kind, site):
            fitting.append(f"`{kind.name}`")
    return f"{', '.join(fitting)}; `masker show` describes each of them, and more"


def _order(kind: type[Transformer], site: Site) -> tuple[int, str]:
    # Most that take text make one sort of thing, such as names; what takes all kinds always serves.
    return len(kind.kinds) * (-1 if site.kind is Kind.TEXT else 1), kind.name


def _fits(kind: type[Transformer], site: Site) -> bool:
    if site.kind not in kind.kinds:
        return False
    needs = any(registry.is_required(kind, param) for param in kind.params)
    return needs or not kind().check(site)
