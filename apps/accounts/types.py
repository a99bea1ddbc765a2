from typing import TypedDict


class Person(TypedDict):
    """A user in events and live messages."""

    id: int
    username: str
