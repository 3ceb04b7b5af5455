"""Where steps run: threads and processes of this machine."""
