"""What is told while it is measured: on stderr, so that the tables alone are the output."""

import sys


def tell(line: str) -> None:
    print(line, file=sys.stderr, flush=True)
