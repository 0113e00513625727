"""The one place where the version of Palais is written."""

VERSION = "0.1.0"
