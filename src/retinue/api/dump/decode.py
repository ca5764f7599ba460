"""One object at the beginning of a text: as JSON has it, or as Python prints it."""

import json
from typing import Any

from retinue.api.dump import literal
from retinue.api.dump.literal import Broken, Incomplete

_NEAR = 16  # an error so near to the end of the text may be the end's: a word, a number, an escape that goes on
_LITERAL_WORK = 16  # a character as Python prints it is read word by word, not by a parser of machine code


class Decoder:
    """Reads objects, and counts what it read in vain: its work."""

    def __init__(self) -> None:
        self.work = 0
        """Characters, those of what Python printed many times over."""

    def decode(self, text: str) -> tuple[dict[str, Any], int]:
        """Return the object that the text begins with, and where it ends; raises Incomplete or Broken."""
        try:
            return _json.raw_decode(text)  # a dict, as it begins with a brace
        except json.JSONDecodeError as error:
            self.work += error.pos
            if error.pos >= len(text) - _NEAR or error.msg.startswith("Unterminated string"):
                self.work += len(text) - error.pos
                raise Incomplete from None
            if text[error.pos] not in "'NTF":
                raise Broken(f"{error.msg[:1].lower()}{error.msg[1:]}", error.pos, tell_line=True) from None
        except RecursionError:
            self.work += len(text)
            raise Broken("it is nested too deeply", None) from None
        except ValueError as error:
            self.work += len(text)
            raise Broken(str(error), None) from None
        return self._decode_literal(text)

    def _decode_literal(self, text: str) -> tuple[dict[str, Any], int]:
        try:
            return literal.decode(text)
        except Incomplete:
            self.work += _LITERAL_WORK * len(text)
            raise
        except Broken as error:
            self.work += _LITERAL_WORK * (len(text) if error.at is None else error.at)
            raise


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no number in JSON")


_json = json.JSONDecoder(parse_constant=_no_number)
