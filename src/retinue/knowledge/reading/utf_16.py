"""UTF-16 without a mark, told from binary: nearly any bytes of an even number are characters of some kind."""

import codecs
import re
import unicodedata

_ENCODINGS = ("utf-16-le", "utf-16-be")
_SHORTEST = 16  # characters: fewer may be anything
_MOST_RARE = 0.1  # of all characters
_LEAST_BREAKS = 0.01  # of all characters; real texts have from 5 to 20 in a hundred
_BREAKS = re.compile("[\n\r ,.\u3000-\u3002\uff0c\uff0e]")  # ends of lines, spaces, commas and full stops
_COMMON = re.compile(  # ASCII, letters from Latin to Thai, general punctuation, kana, Han, Hangul, full width
    "[\t\n\r -~\u00a0-\u0e7f\u2000-\u206f\u3000-\u30ff\u4e00-\u9fff\uac00-\ud7a3\uff00-\uffef]"
)
_NO_TEXT = ("Cc", "Cn", "Co")  # controls, what is not assigned, what is private
_CONTROLS = frozenset("\t\n\v\f\r")  # those that texts have


def western_utf_16(head: bytes) -> str | None:
    """Tell UTF-16 of a text in Latin letters, of which nearly every second byte is zero."""
    pairs = len(head) // 2
    even, odd = head[::2].count(0), head[1::2].count(0)
    if pairs and odd > 0.7 * pairs and even < 0.05 * pairs:
        return "utf-16-le"
    if pairs and even > 0.7 * pairs and odd < 0.05 * pairs:
        return "utf-16-be"
    return None


def any_utf_16(head: bytes) -> str | None:
    """Tell UTF-16 of any text, by evidence that binary does not give; for bytes that can be nothing else."""
    return next((encoding for encoding in _ENCODINGS if _is_text(head, encoding)), None)


def _is_text(head: bytes, encoding: str) -> bool:
    """Every character may stand in a text, nearly all are common ones, and there are breaks between them."""
    try:
        text = codecs.getincrementaldecoder(encoding)().decode(head)  # the last character may be cut in two
    except UnicodeDecodeError:
        return False
    return (
        len(text) >= _SHORTEST
        and len(_BREAKS.findall(text)) >= _LEAST_BREAKS * len(text)
        and len(_COMMON.sub("", text)) <= _MOST_RARE * len(text)
        and not any(unicodedata.category(character) in _NO_TEXT for character in set(text) - _CONTROLS)
    )
