"""Text that comes in pieces, broken between its words."""

import re

_TOKENS = re.compile(r"\n|[^\S\n]+|\S+")


class Wrapping:
    """Breaks lines where the next word has no room: a terminal would break the word."""

    def __init__(self) -> None:
        self._column = 0
        self._blank = ""  # that waits for the word behind it

    def wrapped(self, text: str, width: int) -> str:
        """Return the text's next piece, in lines of this width where its words allow that."""
        return "".join(self._placed(token, width) for token in _TOKENS.findall(text))

    def _placed(self, token: str, width: int) -> str:
        blank, self._blank = self._blank, ""
        if token == "\n":
            self._column = 0
            return token
        if token.isspace():
            self._blank = blank + token
            return ""
        placed = f"{blank}{token}"
        if self._column and self._column + len(placed) > width:
            self._column = len(token)
            return f"\n{token}"
        self._column += len(placed)
        return placed
