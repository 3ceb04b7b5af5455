"""Texts masked in place: what names somebody is replaced, the rest stays byte for byte."""

from masker.transformers.free_text.transformer import FreeText

__all__ = ["FreeText"]
