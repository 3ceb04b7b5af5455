"""A shop on two embedded servers, to see the whole road without a database of one's own."""

from masker.demo.roles import Production, Staging, prepare_production, prepare_staging
from masker.demo.servers import EmbeddedServer
from masker.demo.shop import fill, has_shop

__all__ = [
    "EmbeddedServer",
    "Production",
    "Staging",
    "fill",
    "has_shop",
    "prepare_production",
    "prepare_staging",
]
