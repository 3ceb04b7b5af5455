"""The whole flow, one file each: the only room that knows all the others."""
