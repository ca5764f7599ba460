"""One run of code, and all that came of it."""

from msgspec import Struct

from retinue.core.surrogates import mended
from retinue.sandbox.base import LONGEST_ERROR, MOST_DRAWN, MOST_DRAWN_BYTES, PNG, Drawn, Ended, Printed, Session


class Charts(Struct):
    """What was drawn and may be kept: a session says itself what is a picture."""

    pngs: list[bytes] = []
    size: int = 0
    left_out: int = 0

    def add(self, png: bytes) -> None:
        """Take one more, if it is what it says and in bounds."""
        fits = len(self.pngs) < MOST_DRAWN and self.size + len(png) <= MOST_DRAWN_BYTES
        if fits and png.startswith(PNG):
            self.pngs.append(png)
            self.size += len(png)
        else:
            self.left_out += 1


class Cell:
    """Runs code once. What it gave stays where the session is lost meanwhile."""

    def __init__(self, code: str) -> None:
        self._code = code
        self._printed: list[str] = []
        self._ended = Ended()
        self.charts = Charts()
        self.begun = False
        """Whether any of the code may have run."""

    async def run(self, session: Session) -> None:
        """Run it to its end; raises SessionLost."""
        self.begun = True
        async for output in session.run(self._code):
            match output:
                case Printed(text):
                    self._printed.append(text)
                case Drawn(png):
                    self.charts.add(png)
                case Ended():
                    self._ended = output
                    self.charts.left_out += output.charts_left_out

    @property
    def logs(self) -> str:
        """What the model reads: what was printed, how much of it was left out, what went wrong."""
        text = mended("".join(self._printed))
        if self._ended.left_out:
            text = on_its_own_line(text, f"[… {self._ended.left_out:,} more bytes were left out]")
        if self._ended.error:
            text = on_its_own_line(text, mended(self._ended.error[-LONGEST_ERROR:]))
        return text


def on_its_own_line(text: str, more: str) -> str:
    """Return the text with more below it."""
    return text + ("" if not text or text.endswith("\n") else "\n") + more
