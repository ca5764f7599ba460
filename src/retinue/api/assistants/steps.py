"""Endpoints of run steps."""

from msgspec import structs
from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants.form import form_of
from retinue.api.call import Call, answer
from retinue.api.lists import Json
from retinue.api.outputs import whole
from retinue.api.query import page_query, wants_contents
from retinue.core.errors import NotFound
from retinue.core.history import History, RunChange
from retinue.core.step import Step


async def list_(call: Call) -> Response:
    """GET /threads/{thread}/runs/{run}/steps"""
    contents = wants_contents(call.request.query_params)
    query = page_query(call.request.query_params)
    history = await _history(call)
    page = await call.scope.steps.list(history.run.id, query)
    return answer(lists.page(page, lambda step: _rendered(call, step, history, contents)))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}/runs/{run}/steps/{step}"""
    contents = wants_contents(call.request.query_params)
    history = await _history(call)
    step = next((step for step in history.steps if step.id == call.id("step")), None)
    if step is None:
        raise NotFound("step", call.id("step"))
    return answer(_rendered(call, step, await _with_whole_logs(call, step, history), contents))


async def _with_whole_logs(call: Call, step: Step, history: History) -> History:
    """The history with all that the step's code has printed; a list, and a stream, show the ends of what is long."""
    code = {made.call_id for made in history.calls_of(step) if made.kind == "code_interpreter"}
    long = [output for output in history.outputs_of(step) if output.call_id in code and output.blob is not None]
    items = [structs.replace(output, output=await whole(call, output), blob=None, size=None) for output in long]
    return history.after(RunChange(run=history.run, items=tuple(items))) if items else history


def _rendered(call: Call, step: Step, history: History, contents: bool) -> Json:
    calls, outputs = history.calls_of(step), history.outputs_of(step)
    return form_of(call).render.step(step, calls, outputs, contents=contents)


async def _history(call: Call) -> History:
    run = await call.scope.runs.get(call.id("thread"), call.id("run"))
    return await call.scope.runs.history(run.id)
