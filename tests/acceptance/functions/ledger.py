"""Functions with an effect that can be counted: a line in the file that LEDGER names. The first one of all hangs.

It says so by a pipe, `LEDGER.pipe`, and the tester who has read from that knows the effect is there and the outcome
is not.
"""

import os
import threading
from pathlib import Path

from retinue.tools import ToolContext, tool


@tool(timeout_s=60)
def pay(context: ToolContext) -> str:
    """Pay the bill: not a thing to do twice."""
    return _entered(context)


@tool(timeout_s=60, idempotent=True)
def subscribe(context: ToolContext) -> str:
    """Put the user on the list: once or twice, it comes to the same."""
    return _entered(context)


def _entered(context: ToolContext) -> str:
    ledger = Path(os.environ["LEDGER"])
    is_first = not ledger.exists()
    with ledger.open("a") as file:
        file.write(f"{context.key}\n")
    if is_first:
        ledger.with_suffix(".pipe").write_text("entered")
        threading.Event().wait()
    return "entered"
