"""Endpoints of run steps."""

from starlette.responses import Response

from retinue.api.assistants import render
from retinue.api.assistants.form import form_of
from retinue.api.call import Call, answer
from retinue.api.query import check_include, page_query
from retinue.core.errors import NotFound
from retinue.core.history import History


async def list_(call: Call) -> Response:
    """GET /threads/{thread}/runs/{run}/steps"""
    check_include(call.request.query_params)
    query = page_query(call.request.query_params)
    history = await _history(call)
    page = await call.scope.steps.list(history.run.id, query)
    render_step = form_of(call).render.step
    return answer(render.page(page, lambda s: render_step(s, history.calls_of(s), history.outputs_of(s))))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}/runs/{run}/steps/{step}"""
    check_include(call.request.query_params)
    history = await _history(call)
    step = next((step for step in history.steps if step.id == call.id("step")), None)
    if step is None:
        raise NotFound("step", call.id("step"))
    return answer(form_of(call).render.step(step, history.calls_of(step), history.outputs_of(step)))


async def _history(call: Call) -> History:
    run = await call.scope.runs.get(call.id("thread"), call.id("run"))
    return await call.scope.runs.history(run.id)
