"""Keep what Presidio and its libraries log to themselves while they look at values.

Two of its code paths write the text they look at into a log record. The records of masker's own
calls are dropped at the logger; what else a program does with Presidio is logged as before.
"""

from __future__ import annotations

import contextlib
import contextvars
import logging
from collections.abc import Iterator

_LOGGERS = ("presidio-analyzer", "decision_process", "tldextract", "spacy")
_looking: contextvars.ContextVar[bool] = contextvars.ContextVar("looking", default=False)


def _passes(record: logging.LogRecord) -> bool:  # noqa: ARG001 - no record is better than another
    return not _looking.get()


@contextlib.contextmanager
def muted() -> Iterator[None]:
    """Drop every log record of Presidio's loggers that this thread makes within."""
    for name in _LOGGERS:
        logging.getLogger(name).addFilter(_passes)  # adding it again changes nothing
    token = _looking.set(True)
    try:
        yield
    finally:
        _looking.reset(token)
