"""Load masked rows beside the target, and put them in its place when an audit has passed."""
