"""What a session prints, with the name by which code knows its folder where the folder's real place stands."""

from retinue.sandbox.inside.places import KNOWN


class Shown:
    """Takes what is printed piece by piece, and gives it back with the places' names changed."""

    def __init__(self, data: str) -> None:
        """`data` is where the session's files lie."""
        self._place, self._known = data.encode(), KNOWN.encode()
        self._held = b""

    def piece(self, piece: bytes) -> bytes:
        """Return what can be shown by now; what may be the beginning of a place's name waits for the next piece."""
        if self._place == self._known:
            return piece
        text = (self._held + piece).replace(self._place, self._known)
        begun = next((n for n in range(len(self._place) - 1, 0, -1) if text.endswith(self._place[:n])), 0)
        self._held = text[len(text) - begun :]
        return text[: len(text) - begun]

    def rest(self) -> bytes:
        """Return what has waited in vain."""
        held, self._held = self._held, b""
        return held

    def text(self, text: str) -> str:
        """Return a whole text as it is shown."""
        return text.replace(self._place.decode(), self._known.decode())
