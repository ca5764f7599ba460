"""The script that the documentation shows does what it says."""

import json
import re
from pathlib import Path

from coding_driver import INTERPRETER
from rehearsal_driver import ask, assistant, call, output, user

from retinue.models.rehearsal import Rehearsal
from retinue.models.rehearsal.script import load_script

DOCUMENT = Path(__file__).parents[4] / "docs" / "models.md"


async def test_the_documented_script_runs_code_and_goes_on_by_its_output(tmp_path: Path) -> None:
    (source,) = re.findall(r"```yaml\n(rules:.*?)```", DOCUMENT.read_text(encoding="utf-8"), re.DOTALL)
    (tmp_path / "script.yaml").write_text(source)
    model = Rehearsal(load_script(tmp_path / "script.yaml"))
    ((name, arguments),) = (await ask("The total?", tools=(INTERPRETER,), model=model)).calls
    assert json.loads(arguments)["code"] == 'prices = [3, 4]\nprint("total:", sum(prices))\n'
    asked = (user("The total?"), assistant(None, call("c1", name, arguments)))
    for printed, answer in (("total: 7", "It printed: total: 7"), ("NameError: prices", "The code failed.")):
        assert (await ask(*asked, output("c1", printed), tools=(INTERPRETER,), model=model)).text == answer
