"""Telephone numbering: country codes, and the numbers that regulators reserve for fiction.

Each block names who reserves it; docs/masking.md tells the same in a table.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

# Country codes of ITU-T E.164, prefix-free: one digit, two, and every other of three.
COUNTRY_CODE = (
    "1|7|2[07]|3[0-469]|4[013-9]|5[1-8]|6[0-6]|8[1246]|9[0-58]"
    "|21[0-9]|22[0-9]|23[0-9]|24[0-9]|25[0-9]|26[0-9]|29[0-9]|35[0-9]|37[0-9]|38[0-9]"
    "|42[0-9]|50[0-9]|59[0-9]|67[0-9]|68[0-9]|69[0-9]|80[0-9]|85[0-9]|87[0-9]|88[0-9]"
    "|96[0-9]|97[0-9]|99[0-9]"
)


@dataclass(frozen=True, slots=True)
class Block:
    """Reserved national numbers: `prefix`, then every number first..last in `width` digits."""

    prefix: str
    first: int
    last: int
    width: int

    def __len__(self) -> int:
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Reserve:
    """What a country reserves for fiction.

    `lengths` is the least and most digits of its national numbers, without `trunk`, the digit
    dialled before them inside the country. `mobile` tells mobile numbers; they take `cells` where
    there are some, all others take `blocks`.
    """

    code: str
    trunk: str
    lengths: tuple[int, int]
    blocks: tuple[Block, ...]
    cells: tuple[Block, ...] = ()
    mobile: str = "^$"


def _blocks(width: int, *prefixes: str) -> tuple[Block, ...]:
    return tuple(Block(prefix, 0, 10**width - 1, width) for prefix in prefixes)


def _single(*numbers: str) -> tuple[Block, ...]:
    return tuple(Block(number[:-1], int(number[-1]), int(number[-1]), 1) for number in numbers)


def _line_555(*areas: str) -> tuple[Block, ...]:
    return tuple(Block(f"{area}55501", 0, 99, 2) for area in areas)


def _listed(text: str) -> tuple[str, ...]:
    return tuple(text.split())


# Area codes of the United States that fakes are given, from every region.
_UNITED_STATES = _listed(
    "201 202 203 205 206 207 208 209 210 212 213 214 215 216 217 301 302 303 304 305 307 308 "
    "309 312 313 314 315 316 317 318 401 402 404 405 406 407 408 409 410 412 413 414 415 501 "
    "502 503 504 505 507 508 509 510 512 513 515 516 517 601 602 603 605 606 608 609 612 614 "
    "615 616 617 618 619 701 702 703 704 706 707 708 712 713 714 715 716 717 718 719 801 802 "
    "803 804 805 806 808 810 812 813 814 815 816 817 818 901 903 904 906 907 908 909 910 912 "
    "913 914 915 916 918"
)
# Every area code of Canada, to tell its numbers; fakes are given one of the first fifteen.
_CANADA = _listed(
    "204 250 306 403 416 418 506 514 519 604 613 705 709 819 902 226 236 249 257 263 289 343 "
    "354 365 367 368 382 387 428 431 437 438 450 460 468 474 537 548 568 579 581 584 587 600 "
    "622 633 639 644 647 655 672 677 683 688 742 753 778 780 782 807 825 867 873 879 905 942"
)
# Other countries of the plan with one or a few area codes each: they keep theirs.
_ISLANDS = _listed(
    "242 246 264 268 284 340 345 441 473 649 658 664 670 671 684 721 758 767 784 787 809 829 "
    "849 868 869 876 939"
)

LOCAL = "US local"  # seven digits, without area code

RESERVES: Mapping[str, Reserve] = {
    # ATIS-0300115, 555 NXX Assignment Guidelines: 555-0100 to 555-0199 in every area code that is a
    # place's. Of toll-free codes only 800-555-0199 is free, so none of those is given.
    "US": Reserve(code="1", trunk="1", lengths=(10, 10), blocks=_line_555(*_UNITED_STATES)),
    "CA": Reserve(code="1", trunk="1", lengths=(10, 10), blocks=_line_555(*_CANADA[:15])),
    **{
        area: Reserve(code="1", trunk="1", lengths=(10, 10), blocks=_line_555(area))
        for area in _ISLANDS
    },
    LOCAL: Reserve(code="1", trunk="", lengths=(7, 7), blocks=_line_555("")),
    # Ofcom, "Telephone numbers for drama use (TV, radio)".
    "GB": Reserve(
        code="44",
        trunk="0",
        lengths=(9, 10),
        mobile="^7",
        blocks=_blocks(
            3,
            "1134960",
            "1144960",
            "1154960",
            "1164960",
            "1174960",
            "1184960",
            "1214960",
            "1314960",
            "1414960",
            "1514960",
            "1614960",
            "1914980",
            "2079460",
            "2896496",
            "2920180",
            "1632960",
        ),
        cells=_blocks(3, "7700900"),
    ),
    # Bundesnetzagentur, Mitteilung 148/2021 (Amtsblatt 7/2021), "Drama Numbers".
    "DE": Reserve(
        code="49",
        trunk="0",
        lengths=(6, 12),
        mobile="^1[567]",
        blocks=_blocks(3, "3023125", "6990009", "4066969", "2214710", "8999998"),
        cells=_blocks(2, "17139200", "176040690"),
    ),
    # ARCEP, decision 2018-0881 (national numbering plan), numbers for audiovisual works.
    "FR": Reserve(
        code="33",
        trunk="0",
        lengths=(9, 9),
        mobile="^[67]",
        blocks=_blocks(4, "19900", "26191", "35301", "46571", "53649"),
        cells=_blocks(4, "63998"),
    ),
    # ACMA, "Phone numbers for use in TV shows, films and creative works".
    "AU": Reserve(
        code="61",
        trunk="0",
        lengths=(9, 9),
        mobile="^4",
        blocks=_blocks(4, "25550", "27010", "35550", "37010", "75550", "77010", "85550", "87010"),
        cells=_single(
            *_listed(
                "491570006 491570110 491570156 491570157 491570158 491570159 491570313 491570737 "
                "491571266 491571491 491571804 491572549 491572665 491572983 491573087 491573770 "
                "491574118 491574632 491575254 491575789 491576398 491576801 491577426 491577644 "
                "491578148 491578888 491578957 491579212 491579455 491579760"
            )
        ),
    ),
    # PTS, numbers for books, films and the like.
    "SE": Reserve(
        code="46",
        trunk="0",
        lengths=(7, 9),
        mobile="^7",
        blocks=(*_blocks(2, "3139006", "4062804", "8465004"), Block("9803192", 0, 99, 2)),
        cells=(Block("7017406", 5, 99, 2),),
    ),
    # ComReg 15/136R3, Numbering Conditions of Use and Application Process: drama use.
    "IE": Reserve(code="353", trunk="0", lengths=(7, 9), blocks=_blocks(5, "2091")),
}
"""What countries reserve, by ISO 3166 code; islands of the American plan by area code."""

BY_CODE: Mapping[str, str] = {
    reserve.code: name for name, reserve in RESERVES.items() if reserve.code != "1"
}
"""Which of `RESERVES` a country code means; the American plan's is told by `BY_AREA`."""

BY_AREA: Mapping[str, str] = {
    **dict.fromkeys(_CANADA, "CA"),
    **{area: area for area in _ISLANDS},
}
"""Which of `RESERVES` an area code of the American plan means; every other one is `US`."""
