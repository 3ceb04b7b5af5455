"""Masking keys and the keyed primitives every transformer is built from.

`Keyring` holds the master key and derives subkeys; `prf` turns a column into keyed numbers, as does
`prf_integers` for what is a number already; `pick` turns a keyed number into an index; `permute`,
`permute_numerals` and `permute_integers` map a format space onto itself; `canonical` and
`canonical_key` say which values count as equal; `Remembered` keeps what was made of texts that
recur.
"""

from masker.keys.domains import DOMAINS, Exactness, exactness
from masker.keys.folding import canonical
from masker.keys.integers import INTEGER_SPACES, permute_integers, unpermute_integers
from masker.keys.keyring import SCHEME, Keyring
from masker.keys.permutation import permute, permute_numerals, unpermute, weak_space
from masker.keys.pseudorandom import Prf, Words, pick, prf, prf_integers
from masker.keys.remembered import Found, Remembered
from masker.keys.typed import canonical_key

__all__ = [
    "DOMAINS",
    "INTEGER_SPACES",
    "SCHEME",
    "Exactness",
    "Found",
    "Keyring",
    "Prf",
    "Remembered",
    "Words",
    "canonical",
    "canonical_key",
    "exactness",
    "permute",
    "permute_integers",
    "permute_numerals",
    "pick",
    "prf",
    "prf_integers",
    "unpermute",
    "unpermute_integers",
    "weak_space",
]
