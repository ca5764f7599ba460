"""Slots: what sort of thing a parameter wants, told from its schema, its name and its description."""

from enum import Enum, auto

from retinue.models.base import Json
from retinue.models.rehearsal.words import name_words


class Slot(Enum):
    """What a string parameter is for."""

    PLACE = auto()
    NAME = auto()
    DAY = auto()
    TIME = auto()
    EMAIL = auto()
    URL = auto()
    UUID = auto()
    ID = auto()
    EXPRESSION = auto()
    CODE = auto()
    TEXT = auto()
    """The user's own words: a query, a message, a title."""
    ANY = auto()


SUBJECTS = frozenset({Slot.PLACE, Slot.NAME, Slot.EMAIL, Slot.URL, Slot.UUID, Slot.ID, Slot.ANY})
"""What a function can be called once for each of."""

_FORMATS = {
    "date": Slot.DAY,
    "date-time": Slot.DAY,
    "time": Slot.TIME,
    "email": Slot.EMAIL,
    "uri": Slot.URL,
    "url": Slot.URL,
    "uuid": Slot.UUID,
}

_WORDS = {
    Slot.PLACE: "location locations city cities town place places country region state address origin destination "
    "from where station airport area destinations",
    Slot.NAME: "name names person people user author customer contact attendee attendees participants recipient to "
    "company symbol ticker",
    Slot.DAY: "date day when deadline due datetime",
    Slot.TIME: "time hour",
    Slot.EMAIL: "email emails mail",
    Slot.URL: "url urls uri link links website",
    Slot.UUID: "uuid guid",
    Slot.ID: "id ids number code sku reference key order ticket",
    Slot.EXPRESSION: "expression formula equation calculation",
    Slot.CODE: "script python program source",
    Slot.TEXT: "query queries question q search term keyword keywords topic text message body content prompt "
    "description subject note comment input reason summary title heading request instruction",
}
_BY_WORD = {word: slot for slot, words in _WORDS.items() for word in words.split()}


def slot_of(name: str, schema: Json) -> Slot:
    """Return what the string parameter `name` wants; the last word of its name that tells decides."""
    if slot := _FORMATS.get(schema.get("format", "")):
        return slot
    if name == "code":
        return Slot.CODE if "python" in str(schema.get("description", "")).lower() else Slot.ID
    telling = (_BY_WORD[word] for word in reversed(name_words(name)) if word in _BY_WORD)
    return next(telling, Slot.ANY)
