"""A program that talks as `retinue chat` does, to a conversation by script; its arguments: a question, options."""

import sys
from contextlib import nullcontext
from pathlib import Path

from cli.chat.scripted import Scripted
from retinue.cli.chat.chat import Manner, run_talk
from retinue.cli.chat.question import question_of
from retinue.core.errors import InvalidRequest

options = [argument for argument in sys.argv[1:] if argument.startswith("--")]
prompts = [argument for argument in sys.argv[1:] if not argument.startswith("--")]
manner = Manner(
    data=Path("data"),
    plain="--plain" in options,
    as_json="--json" in options,
    save=Path("saved") if "--save" in options else None,
)
try:
    question = question_of(prompts[0] if prompts else None)
except InvalidRequest as error:  # as the command's own `main` does
    print(error.message, file=sys.stderr)
    sys.exit(2)
sys.exit(run_talk(lambda: nullcontext(Scripted()), question, manner))
