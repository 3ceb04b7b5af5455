"""The NLP engine that context words need: it cuts words, in lower case, and knows no language.

Presidio lifts a finding's score when a word of its recognizer's context stands before it. Its own
engines take words from a spaCy model, or (`no_op`) have none; this one takes them from the text, so
that `phone_number` and `"phone":` hold the word phone without any model.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any, cast

from presidio_analyzer.nlp_engine import NlpArtifacts, NlpEngine

LANGUAGE = "en"  # Presidio wants one; recognizers and context words of all countries are under it
_WORDS = re.compile(r"[^\W_]+|.", re.DOTALL)


class Words(NlpEngine):
    """Cuts a text into words and single other characters; the lemma is the word in lower case."""

    engine_name = "words"
    is_available = True

    def load(self) -> None:
        """Do nothing: there is no model."""

    def is_loaded(self) -> bool:
        """Return True."""
        return True

    def process_text(self, text: str, language: str) -> NlpArtifacts:
        """Return words, places and lemmas of a text."""
        words = _WORDS.findall(text)
        places, start = [], 0
        for word in words:
            places.append(start)
            start += len(word)
        return NlpArtifacts(
            entities=[],
            tokens=cast("Any", words),  # spaCy's own tokens would stay in its vocabulary for good
            tokens_indices=places,
            lemmas=[word.lower() for word in words],
            nlp_engine=self,
            language=language,
            scores=[],
        )

    def process_batch(
        self,
        texts: Iterable[str],
        language: str,
        batch_size: int = 1,  # noqa: ARG002 - Presidio's interface
        n_process: int = 1,  # noqa: ARG002
        **_: Any,
    ) -> Iterator[tuple[str, NlpArtifacts]]:
        """Yield each text with its artifacts."""
        for text in texts:
            yield text, self.process_text(text, language)

    def is_stopword(self, word: str, language: str) -> bool:  # noqa: ARG002 - Presidio's interface
        """Return False: every word may be context."""
        return False

    def is_punct(self, word: str, language: str) -> bool:  # noqa: ARG002 - Presidio's interface
        """Tell whether this is no word."""
        return not word.isalnum()

    def get_supported_entities(self) -> list[str]:
        """Return none: there is no model."""
        return []

    def get_supported_languages(self) -> list[str]:
        """Return the one language under which everything is registered."""
        return [LANGUAGE]
