"""How a check ends if it does not pass. The text is for the operator."""


class Failed(Exception):
    pass


class Unknown(Exception):
    """This process cannot verify it."""
