"""Numbers that tell by themselves what they are: national numbers of any country, devices, phones.

One number that passes a check digit proves nothing, for chance passes one in ten. A whole column of
different ones that all pass is no chance, so no country need be named for it.
"""

from __future__ import annotations

import functools
import importlib
from collections.abc import Callable, Iterator

import polars as pl

from masker.detect.entities import Entity
from masker.detect.values import Judgement, Verdict

ENOUGH = 20  # distinct numbers: chance passes 0.1 ** 20
_MOST = 0.95  # a few are mistyped
_READ = 200  # distinct numbers that are checked
_SCORE = 0.9
_SHORTEST, _LONGEST = 8, 22
_NUMBER = r"^(?:[A-Za-z]{1,6}[ ./-]?)?[0-9](?:[ ./-]?[0-9A-Za-z]){5,20}$"
_MARKS = r"[ ./-]"

# Modules of python-stdnum whose numbers have a check digit, most at least with a date beside it.
_NATIONAL = """
    ar.cuit at.vnr be.nn bg.egn br.cpf ca.sin ch.ssn cl.rut cn.ric cz.rc dk.cpr ec.ci ee.ik
    es.dni es.nie fi.hetu fr.nir gb.nhs gr.amka hr.oib ie.pps il.idnr in_.aadhaar
    is_.kennitala it.codicefiscale kr.rrn lt.asmens mx.curp nl.bsn no.fodselsnummer pl.pesel
    pt.cc ro.cnp se.personnummer si.emso th.pin tr.tckimlik za.idnr"""
_TAX = ("de.idnr", "es.nif", "eu.vat", "fr.nif", "mx.rfc", "pl.nip", "pt.nif", "co.nit")
# Without a check digit, told by where the marks are: the date in the German one must be one.
_SHAPES = (
    r"^\d{3}-\d{2}-\d{4}$",
    r"^[A-Z]{2}(?: \d{2} \d{2} \d{2} [A-Z]|\d{6}[A-D])$",
    r"^\d{2} ?(?:0[1-9]|[12]\d|3[01])(?:0[1-9]|1[0-2])\d{2} ?[A-Z] ?\d{3}$",
)


def numbers_checked(values: pl.Series) -> Judgement | None:
    """Return what a column of distinct numbers is, if nearly all of them pass one check.

    Numbers stand as text, with or without marks; leading zeros may be lost.
    """
    asked = values.drop_nulls().str.strip_chars()
    like = asked.filter(asked.str.contains(_NUMBER))
    if like.len() < max(ENOUGH, _MOST * asked.len()):
        return None
    some = like.unique(maintain_order=True).head(_READ)
    if some.len() < ENOUGH:
        return None
    for shape in _SHAPES:
        if _share(some.str.contains(shape)) >= _MOST:
            return _is(Entity.NATIONAL_ID, "shape", some, asked)
    bare = some.str.replace_all(_MARKS, "")
    longest = int(bare.str.len_chars().cast(pl.Int64).to_numpy().max())
    if not _SHORTEST <= longest <= _LONGEST:
        return None
    bare = bare.str.zfill(longest) if _digits(bare) else bare
    written = list(zip(bare.to_list(), some.to_list(), strict=True))
    for entity, name, check in _checks():
        if _passes(written, check):
            return _is(entity, name, some, asked)
    return None


def _digits(bare: pl.Series) -> bool:
    return bool(bare.str.contains(r"^[0-9]+$").all())


def _passes(written: list[tuple[str, str]], check: Callable[[str], bool]) -> bool:
    """Tell whether nearly all pass; most checks are left after the first few that do not.

    Each number comes without its marks and with them, for some checks need them.
    """
    failed, most = 0, (1 - _MOST) * len(written)
    for bare, marked in written:
        failed += not (check(bare) or check(marked))
        if failed > most:
            return False
    return True


@functools.cache
def _checks() -> tuple[tuple[Entity, str, Callable[[str], bool]], ...]:
    return tuple(_named())


def _named() -> Iterator[tuple[Entity, str, Callable[[str], bool]]]:
    for names, entity in (
        (_NATIONAL.split(), Entity.NATIONAL_ID),
        (_TAX, Entity.TAX_ID),
        (("imei",), Entity.DEVICE_ID),
    ):
        for name in names:
            yield entity, name, importlib.import_module(f"stdnum.{name}").is_valid
    yield Entity.PHONE_NUMBER, "E.164", _telephone()


def _telephone() -> Callable[[str], bool]:
    """Return a check of telephone numbers with their country, written without a plus."""
    phones = importlib.import_module("phonenumbers")
    shortest = 11  # shorter ones are valid somewhere by chance

    def valid(text: str) -> bool:
        if len(text) < shortest or not text.isdecimal():
            return False
        try:
            return bool(phones.is_valid_number(phones.parse(f"+{text}")))
        except phones.NumberParseException:
            return False

    return valid


def _share(fits: pl.Series) -> float:
    return int(fits.sum()) / fits.len()


def _is(entity: Entity, name: str, some: pl.Series, asked: pl.Series) -> Judgement:
    return Judgement(
        entity=entity,
        verdict=Verdict.IS,
        score=_SCORE,
        share=1.0,
        rows=1.0,
        hits=some.len(),
        evidence=(f"{some.len()} of {asked.len()} distinct values pass one check", name),
    )
