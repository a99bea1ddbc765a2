class NotInTransaction(RuntimeError):
    """`record` was called outside a transaction."""


class BrokenStream(Exception):
    """A record is missing from a stream."""
