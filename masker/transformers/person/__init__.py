"""Names of people: one token, one fake, wherever it stands."""

from masker.transformers.person.fold import ascii_form, token_key
from masker.transformers.person.lists import mask_lists
from masker.transformers.person.text import mask_names
from masker.transformers.person.tokens import mask_tokens
from masker.transformers.person.transformers import FirstName, FullName, LastName

__all__ = [
    "FirstName",
    "FullName",
    "LastName",
    "ascii_form",
    "mask_lists",
    "mask_names",
    "mask_tokens",
    "token_key",
]
