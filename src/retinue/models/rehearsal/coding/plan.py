"""Plans: the call of the code interpreter that a conversation is at, and what is said once there is none."""

from collections.abc import Sequence

from retinue.models.rehearsal.coding.changing import change
from retinue.models.rehearsal.coding.charting import Chart, asks_for_chart
from retinue.models.rehearsal.coding.describing import Description, asks_for_description
from retinue.models.rehearsal.coding.given import given, printed
from retinue.models.rehearsal.coding.job import Job
from retinue.models.rehearsal.coding.listing import Listing, asks_for_list
from retinue.models.rehearsal.coding.mounted import meant, mounted
from retinue.models.rehearsal.coding.reckoning import reckoned
from retinue.models.rehearsal.coding.runs import Run, missing, runs_of
from retinue.models.rehearsal.conversation import Answered, Conversation
from retinue.models.rehearsal.functions import Function, runs_code
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.reply import Call

_MOST_RUNS = 3  # for one request
_LONGEST = 8_000  # characters of a request that are looked at


def interpreter_among(functions: Sequence[Function]) -> Function | None:
    """Return the function that runs code: the hosted one, where the caller has one of that name too."""
    found = [function for function in functions if runs_code(function.name) and _takes_code(function)]
    return max(found, key=lambda function: len(function.name), default=None)


def first_run(interpreter: Function, conversation: Conversation, *, alone: bool, forced: bool = False) -> Call | None:
    """Return the call that the message asks for; `alone` is whether nothing else can be called.

    One that is `forced` is made whatever the message asks for.
    """
    job = _job(conversation, alone=alone) or (Listing() if forced else None)
    return _call(interpreter, job.code(())) if job else None


def next_run(interpreter: Function, conversation: Conversation) -> Call | None:
    """Return the call that tries again what failed last; None where nothing did, or nothing else can be tried."""
    runs = runs_of(conversation.outputs)
    if not runs or runs[-1].failure is None or len(runs) >= _MOST_RUNS:
        return None
    return _call(interpreter, _known_job(conversation, runs).code(runs))


def told_runs(conversation: Conversation, outputs: Sequence[Answered]) -> str:
    """Return what the runs among these outputs came to; what they print is data, none of it is ever done."""
    runs = runs_of(outputs)
    failure = runs[-1].failure
    if failure is None:
        return _known_job(conversation, runs).told(runs[-1])
    if failure.missing:
        return f"That can't be done here: Python has no {' and no '.join(sorted(missing(runs)))}."
    if failure.kind == "KeyError" and "there are: " in failure.what:
        return f"That can't be done: {failure.sentence[:500]}."
    tries = "" if len(runs) == 1 else f" after {len(runs)} tries"
    return f"The code failed{tries}: {failure.sentence[:500].rstrip('.')}."


def _known_job(conversation: Conversation, runs: Sequence[Run]) -> Job:
    """Return what the runs were for: their own code where a script had it run."""
    job = _job(conversation, alone=True)
    return job if job and runs[0].code == job.code(()) else _Foreign()


class _Foreign:
    """Code that is not of this model's making."""

    def code(self, runs: Sequence[Run]) -> str | None:
        return None

    def told(self, run: Run) -> str:
        return printed(run)


def _job(conversation: Conversation, *, alone: bool) -> Job | None:
    text = conversation.user[:_LONGEST]
    if job := given(text):
        return job
    files = mounted(conversation.system)
    if file := meant(text, files):
        if changed := change(text, file):
            return changed
        if asks_for_chart(text):
            return Chart(file, text)
        if asks_for_description(text, file):
            return Description(file)
    if files and asks_for_list(text):
        return Listing()
    return reckoned(text, alone=alone)


def _call(interpreter: Function, code: str | None) -> Call | None:
    return None if code is None else Call(name=interpreter.name, arguments=to_json({"code": code}))


def _takes_code(function: Function) -> bool:
    code = function.properties.get("code")
    described = "python" in function.description.casefold() or "/mnt/data" in function.description
    return described and isinstance(code, dict) and code.get("type") == "string"
