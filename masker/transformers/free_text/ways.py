"""How each kind of thing found in a text is masked: as its column is, else by a default."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping

from masker.detect.entities import Entity
from masker.transformers.base import Site, Way
from masker.transformers.registry import build

PERSON = "full_name"
# Entity -> transformers that mask a column of it, the likeliest first, and parameters of its own.
_USES: Mapping[str, tuple[str, ...]] = {
    Entity.EMAIL_ADDRESS: ("email",),
    Entity.PHONE_NUMBER: ("phone",),
    Entity.CREDIT_CARD: ("card",),
    Entity.IBAN_CODE: ("iban",),
    Entity.IP_ADDRESS: ("ip",),
    Entity.PERSON: (PERSON,),
    Entity.FIRST_NAME: (PERSON,),
    Entity.LAST_NAME: (PERSON,),
    Entity.STREET_ADDRESS: ("street",),
    Entity.CITY: ("city",),
    Entity.POSTCODE: ("postcode",),
    Entity.ORGANIZATION: ("company",),
    Entity.NATIONAL_ID: ("alphanumeric",),
    Entity.TAX_ID: ("alphanumeric",),
    Entity.CRYPTO: ("alphanumeric",),
    Entity.MAC_ADDRESS: ("alphanumeric",),
    Entity.URL: ("token",),
    Entity.SECRET: ("redact",),
    Entity.PASSWORD: ("redact",),
    Entity.USER_AGENT: ("redact",),
}
ENTITIES = frozenset(map(str, _USES))
_OTHER = "scramble"
# What masks any part of its values as well as the whole.
_PARTIAL = frozenset({PERSON, "first_name", "last_name", "city", "company", "street", _OTHER})
_PARAMS: Mapping[str, Mapping[str, object]] = {
    Entity.URL: {"prefix": "https://example.org/", "length": 16}
}


class Ways:
    """The ways that columns of the plan go, and those for what no column holds."""

    def __init__(self, ways: tuple[Way, ...], site: Site) -> None:
        self._ways = list(ways)
        self._site = Site(
            table=site.table, column=site.column, locale=site.locale, countries=site.countries
        )
        self._of_entity: dict[str, int] = {}
        columns = Counter(way.transformer.name for way in ways)
        # The first of the most frequent: parameters of one column are likely those of all.
        self._by_use = {
            use: next(at for at, way in enumerate(ways) if way.transformer.name == use)
            for use in columns
        }

    def __len__(self) -> int:
        return len(self._ways)

    def __getitem__(self, way: int) -> Way:
        return self._ways[way]

    def use(self, way: int) -> str:
        """Return the name of a way's transformer."""
        return self._ways[way].transformer.name

    def of(self, entity: str) -> int:
        """Return the number of the way that an entity goes; an unknown one is scrambled."""
        if entity not in self._of_entity:
            self._of_entity[entity] = self._made(entity)
        return self._of_entity[entity]

    def _made(self, entity: str) -> int:
        uses = _USES.get(entity, (_OTHER,))
        if entity not in _PARAMS:
            for use in (*uses, "first_name", "last_name") if uses == (PERSON,) else uses:
                if use in self._by_use:
                    return self._by_use[use]
        transformer = build(uses[0], _PARAMS.get(entity, {}))
        domain = self._domain(uses[0])
        self._ways.append(Way(transformer, self._at(domain)))
        return len(self._ways) - 1

    def partial(self) -> Mapping[int, int]:
        """Return for ways that mask whole values only the way that what is left of one goes."""
        other = self.of(_OTHER)
        return {at: other for at in range(len(self)) if self.use(at) not in _PARTIAL}

    def _domain(self, use: str) -> str | None:
        at = self._by_use.get(use)
        return None if at is None else self._ways[at].site.domain

    def _at(self, domain: str | None) -> Site:
        return Site(
            table=self._site.table,
            column=self._site.column,
            domain=domain,
            locale=self._site.locale,
            countries=self._site.countries,
        )


def defaults(site: Site, entities: Iterable[str] = tuple(_USES)) -> tuple[Way, ...]:
    """Return the ways of all entities where no column is masked: for pools and checks."""
    ways = Ways((), site)
    return tuple(ways[ways.of(entity)] for entity in entities)
