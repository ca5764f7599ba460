"""What the fork server does once, so that no session has to: libraries put much off until they are first used."""

import contextlib
import io
import sys


def warm_up() -> None:
    """Use what is loaded. Nothing of it may fail a start."""
    with contextlib.suppress(Exception):
        _draw()
    with contextlib.suppress(Exception):
        _group()


def _draw() -> None:
    pyplot = sys.modules.get("matplotlib.pyplot")
    if pyplot is None:
        return
    _, axes = pyplot.subplots()
    axes.plot([1, 2], label="warm")
    axes.bar(["a", "b"], [1, 2])
    axes.set_title(r"A title, $x^2$")
    axes.legend()
    for kind in ("png", "svg", "pdf"):
        pyplot.savefig(io.BytesIO(), format=kind, bbox_inches="tight")
    pyplot.close("all")


def _group() -> None:
    pandas = sys.modules.get("pandas")
    if pandas is None:
        return
    table = pandas.read_csv(io.StringIO("a,b,c\nx,1,2020-01-01\ny,2,2020-01-02"), parse_dates=["c"])
    str(table.groupby("a").agg({"b": ["mean", "sum"]}))
    table.describe().to_csv(io.StringIO())
