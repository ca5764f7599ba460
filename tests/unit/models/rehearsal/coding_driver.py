"""Drives the rehearsal model with a code interpreter: its code is really run, in a process and a folder of its own."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from msgspec import Struct
from rehearsal_driver import Json, ask, assistant, call, function, output, user

from retinue.models.rehearsal import Rehearsal

INTERPRETER: Json = function("code_interpreter", "Runs Python. Files are in /mnt/data.", code={"type": "string"})
DATA = "/mnt/data"
_NO_LIBRARIES = """\
import sys

class Lacking:
    def find_spec(self, name, path=None, target=None):
        if name in {lacking}:
            raise ModuleNotFoundError("No module named " + repr(name))

sys.meta_path.insert(0, Lacking())
"""


class Told(Struct, kw_only=True):
    """What came of one request."""

    text: str
    codes: list[str]
    outputs: list[str]


def system(*names: str) -> Json:
    listed = ", ".join(repr(name) for name in names)
    return {"role": "system", "content": f"Be kind.\n\nFiles in /mnt/data: {listed}."}


async def code_for(said: str, *names: str, tools: tuple[Json, ...] = (INTERPRETER,), **settings: Any) -> str | None:
    """Return the code that the model would run for a request; None for none."""
    heard = await ask(system(*names), user(said), tools=tools, **settings)
    codes: list[str] = [json.loads(arguments)["code"] for name, arguments in heard.calls if "interpreter" in name]
    return codes[0] if codes else None


async def told(said: str, *outputs: str, names: tuple[str, ...] = ("sales.csv",)) -> Told:
    """Let the model call until it answers, its calls having these outputs."""

    def given(code: str) -> str:
        return outputs[min(len(found.outputs), len(outputs) - 1)]

    found = Told(text="", codes=[], outputs=[])
    messages = [system(*names), user(said)]
    while True:
        heard = await ask(*messages, model=Rehearsal(), tools=(INTERPRETER,))
        if not heard.calls:
            found.text = heard.text
            return found
        ((name, arguments),) = heard.calls
        code = json.loads(arguments)["code"]
        result = given(code)
        found.codes.append(code)
        found.outputs.append(result)
        id_ = f"call_{len(found.codes)}"
        messages += [assistant(None, call(id_, name, arguments)), output(id_, result)]


async def done(said: str, folder: Path, *, lacking: tuple[str, ...] = (), python: str = sys.executable) -> Told:
    """Let the model call until it answers, its code run over the files of this folder."""
    found = Told(text="", codes=[], outputs=[])
    messages = [system(*sorted(path.name for path in folder.iterdir())), user(said)]
    while True:
        heard = await ask(*messages, tools=(INTERPRETER,))
        if not heard.calls:
            found.text = heard.text
            return found
        ((name, arguments),) = heard.calls
        code = json.loads(arguments)["code"]
        found.codes.append(code)
        found.outputs.append(run(code, folder, lacking=lacking, python=python))
        id_ = f"call_{len(found.codes)}"
        messages += [assistant(None, call(id_, name, arguments)), output(id_, found.outputs[-1])]


def run(code: str, folder: Path, *, lacking: tuple[str, ...] = (), python: str = sys.executable) -> str:
    """Run code as a sandbox would, as far as a test needs one, and return what it prints."""
    source = _NO_LIBRARIES.format(lacking=lacking) + code.replace(DATA, str(folder))
    environment = {"MPLBACKEND": "agg", "PATH": "/usr/bin:/bin", "HOME": str(folder.parent)}
    ran = subprocess.run(
        [python, "-c", source], capture_output=True, text=True, timeout=60, env=environment, cwd=folder, check=False
    )
    return (ran.stdout + ran.stderr).strip()
