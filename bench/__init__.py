"""Palais, measured beside what would be built in its place. See ``python -m bench --help``."""
