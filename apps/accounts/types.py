from typing import TypedDict


class Person(TypedDict):
    """A user in events."""

    id: int
    username: str
