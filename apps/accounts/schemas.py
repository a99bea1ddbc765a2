from ninja import Schema


class PersonOut(Schema):
    id: int
    username: str
