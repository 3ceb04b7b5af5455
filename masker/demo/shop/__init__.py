"""A shop that looks like production, and is difficult on purpose."""

from masker.demo.shop.filling import check_scale, fill, has_shop

__all__ = ["check_scale", "fill", "has_shop"]
