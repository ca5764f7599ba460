"""The programs under `examples/` run as they say."""

import subprocess
import sys
from pathlib import Path

from acceptance.larkhaven import WRITTEN
from acceptance.server import Server
from acceptance.terminal import environment

EXAMPLES = Path(__file__).parents[2] / "examples"
TIMEOUT_S = 120


def test_a_folder_of_documents_is_asked(tmp_path: Path) -> None:
    with Server(tmp_path / "data") as server:
        done = subprocess.run(
            [sys.executable, "-W", "ignore", EXAMPLES / "ask_documents.py", WRITTEN, "Who is the librarian?"],
            env={**environment(), "OPENAI_BASE_URL": server.base_url, "OPENAI_API_KEY": "any"},
            capture_output=True,
            text=True,
            timeout=TIMEOUT_S,
            check=False,
        )
    assert done.stdout.splitlines() == [
        "12 files can be searched, 0 can't be.",
        "The librarian is Margit Olesen.【0:0†source】",
        "  【0:0†source】 is library.html",
    ], done.stderr
