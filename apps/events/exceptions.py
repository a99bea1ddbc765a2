class NotInTransaction(RuntimeError):
    """A programming error: `record` was called outside a transaction."""


class BrokenStream(Exception):
    """A record is missing from a stream: the table was changed by hand."""
