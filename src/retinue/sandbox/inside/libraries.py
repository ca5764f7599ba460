"""Loads what sessions are to have, and makes it ready: whatever a first chart would wait for."""

import contextlib
import importlib
import io
import logging
import sys
import warnings
from collections.abc import Iterable
from typing import Any

ENVIRONMENT = {
    "MPLBACKEND": "Agg",
    "MPLCONFIGDIR": "/tmp/matplotlib",
    "JOBLIB_MULTIPROCESSING": "0",  # its helpers would have to outlive a call, which nothing does
    "XDG_CACHE_HOME": "/tmp/cache",  # else fontconfig complains, or writes below /mnt/data
    "OPENBLAS_NUM_THREADS": "1",
    "OMP_NUM_THREADS": "1",
}
"""What they are told by variables."""

_FALLBACKS = (
    "Noto Sans CJK SC",
    "Noto Sans CJK JP",
    "Source Han Sans SC",
    "WenQuanYi Zen Hei",
    "WenQuanYi Micro Hei",
    "Droid Sans Fallback",
    "Noto Sans Arabic",
    "Noto Sans Hebrew",
    "Noto Sans Devanagari",
    "Noto Sans Thai",
    "Noto Emoji",
    "Symbola",
)
"""Fonts for what DejaVu, which matplotlib brings along, has no glyphs for. Those in colour it can't draw."""


def load(names: Iterable[str]) -> list[str]:
    """Import what sessions are to have; return what there is not."""
    missing = []
    for name in names:
        try:
            importlib.import_module(name)
        except ImportError:
            missing.append(name)
    if "matplotlib.pyplot" in sys.modules:
        _ready_charts(sys.modules["matplotlib.pyplot"])
    if "pandas" in sys.modules:
        _ready_tables(sys.modules["pandas"])
    return missing


def _ready_charts(pyplot: Any) -> None:
    """Have glyphs found in all fonts that there are, and a chart drawn: the first of a session takes a tenth less."""
    from matplotlib import font_manager  # type: ignore[import-not-found, unused-ignore]  # an extra's

    # a font that is not there is another one in the chart: no matter for whoever reads what was printed
    logging.getLogger("matplotlib.font_manager").setLevel(logging.ERROR)
    warnings.filterwarnings("ignore", message=r"Glyph \d+ ")  # figures.py says it once, in a sentence
    there = {font.name for font in font_manager.fontManager.ttflist}
    pyplot.rcParams["font.family"] = ["sans-serif", *(name for name in _FALLBACKS if name in there)]
    with contextlib.suppress(Exception):  # sessions can do without
        figure, axes = pyplot.subplots()
        axes.plot([0, 1], label="-")
        axes.set_title("0123456789")
        axes.legend()
        figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
    pyplot.close("all")
    with contextlib.suppress(AttributeError):
        font_manager._get_font.cache_clear()  # type: ignore[attr-defined, unused-ignore]  # else every fork does so itself


def _ready_tables(pandas: Any) -> None:
    """Have a table read, grouped and written: libraries put much off until they are first used."""
    with contextlib.suppress(Exception):  # sessions can do without
        table = pandas.read_csv(io.StringIO("a,b,c\nx,1,2020-01-01\ny,2,2020-01-02"), parse_dates=["c"])
        str(table.groupby("a").agg({"b": ["mean", "sum"]}))
        table.describe().to_csv(io.StringIO())
