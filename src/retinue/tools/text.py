"""Text that a model gets to read, made fit for it."""

_NOTE = 90  # characters: room for the note that something is left out


def capped(text: str, longest: int) -> str:
    """Return the text, its middle replaced by a note where it is longer than that many characters."""
    if len(text) <= longest:
        return text
    room = longest - _NOTE
    note = f"\n[... {len(text) - room:,} of {len(text):,} characters are left out here ...]\n"
    return text[: room - room // 2] + note + text[len(text) - room // 2 :]
