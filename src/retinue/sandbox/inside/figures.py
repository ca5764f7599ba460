"""Charts: every matplotlib figure that is open when a cell has ended."""

import io
import sys
from collections.abc import Iterator

_MOST = 20  # of one cell
_DOTS_PER_INCH = 100


def taken() -> Iterator[bytes]:
    """Yield each open figure as PNG and close it; nothing where matplotlib was never imported."""
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    try:
        for number in pyplot.get_fignums()[:_MOST]:
            drawn = io.BytesIO()
            pyplot.figure(number).savefig(drawn, format="png", dpi=_DOTS_PER_INCH, bbox_inches="tight")
            yield drawn.getvalue()
    finally:
        pyplot.close("all")
