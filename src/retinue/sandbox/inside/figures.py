"""Charts: every matplotlib figure that is open when a cell has ended."""

import io
import sys
import warnings
from collections.abc import Iterator
from typing import Any

_MOST = 20  # of one cell
_TOO_MANY = f"Only {_MOST} charts of a call are shown; {{}} more were left out."
_DOTS_PER_INCH = 100
_NO_GLYPH = "Some characters of a chart are in none of the fonts here and are drawn as boxes; use other ones."


def taken() -> Iterator[bytes]:
    """Yield each open figure as PNG and close it; nothing where matplotlib was never imported."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    try:
        numbers = pyplot.get_fignums()
        for number in numbers[:_MOST]:
            yield _drawn(pyplot.figure(number))
        if left := len(numbers[_MOST:]):
            print(_TOO_MANY.format(left), file=sys.stderr)  # noqa: T201
    finally:
        pyplot.close("all")


def _drawn(figure: Any) -> bytes:
    drawn = io.BytesIO()
    with warnings.catch_warnings(record=True) as said:
        warnings.filterwarnings("always", message=r"Glyph \d+ ")
        figure.savefig(drawn, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight")
    if any(str(warning.message).startswith("Glyph ") for warning in said):
        print(_NO_GLYPH, file=sys.stderr)  # noqa: T201
    for warning in said:
        if not str(warning.message).startswith("Glyph "):
            warnings.showwarning(warning.message, warning.category, warning.filename, warning.lineno)
    return drawn.getvalue()
