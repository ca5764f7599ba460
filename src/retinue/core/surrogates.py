"""Halves of characters: JSON may hold half of a surrogate pair, and no text that is stored may."""


def mended(text: str) -> str:
    """Return the text with pairs of halves joined, and U+FFFD for each that is alone."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
    return text
