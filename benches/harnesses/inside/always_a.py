"""A subject that always chooses A: the reply of the fake provider, from this process."""

LETTER = r'"choice":\s*"([A-Z])"'

REPLY = '```json\n{"choice":"A","reasoning":"The first option."}\n```'


async def always_a(asked: object) -> str:
    """The reply to whatever is asked."""
    return REPLY
