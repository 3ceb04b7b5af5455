"""A shop that looks like production, and is difficult on purpose."""

from masker.demo.shop.filling import fill, has_shop

__all__ = ["fill", "has_shop"]
