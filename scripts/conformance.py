"""Runs the programs of every official client and writes what was answered into docs/conformance.md.

usage: PYTHONPATH=tests python scripts/conformance.py

The page's words are in docs/conformance.in.md; tests/acceptance/test_conformance.py holds the page to what a run sees.
"""

import sys
import tempfile
from pathlib import Path

from acceptance import scoreboard
from acceptance.matrix import Matrix, everything
from acceptance.programs import ProgramFailed
from acceptance.sdks import ClientMissing


def main() -> None:
    """Write the page; leaves with what went wrong, if anything did."""
    with tempfile.TemporaryDirectory() as folder, Matrix(everything(), Path(folder)) as matrix:
        try:
            board = scoreboard.results(matrix)
        except (ClientMissing, ProgramFailed) as error:
            sys.exit(str(error))
    scoreboard.write(board)
    faults = scoreboard.faults(board)
    if faults:
        sys.exit("\n".join(faults))


if __name__ == "__main__":
    main()
