"""What stops the bench, as a sentence with a remedy."""


class BenchError(Exception):
    """The bench cannot go on; the message says why and what to do."""


class MissingError(BenchError):
    """A contestant cannot take part on this machine; the others can."""
