"""How a check ends if it does not pass. The text is for the operator."""


class Failed(Exception):
    """`hint` replaces the hint of the checklist's item."""

    def __init__(self, text: str, hint: str = "") -> None:
        super().__init__(text)
        self.hint = hint


class Unknown(Exception):
    """This process cannot verify it."""
