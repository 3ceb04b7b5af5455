"""One file per part of the shop; each makes whole tables as polars frames, in loading order."""
