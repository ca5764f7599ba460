"""Endpoints of runs."""

from starlette.responses import Response
from starlette.types import ASGIApp

from retinue.api import lists
from retinue.api.assistants.bodies.runs import ToolOutputsBody
from retinue.api.assistants.events import thread_created
from retinue.api.assistants.form import form_of
from retinue.api.assistants.stream import run_stream
from retinue.api.call import Call, answer
from retinue.api.fields import MetadataBody
from retinue.api.polling import poll_header
from retinue.api.query import page_query, wants_contents
from retinue.core.run import Run
from retinue.engine.commands import runs

_POLL_MS = (50, 1_000)


async def create(call: Call) -> ASGIApp:
    """POST /threads/{thread}/runs"""
    contents = wants_contents(call.request.query_params)
    body = await call.body(form_of(call).run_body)
    run = await runs.create(call.engine, call.caller, call.id("thread"), body.request())
    if body.stream:
        return run_stream(call, run.id, after=run.first_number - 1, contents=contents)
    return _answer(call, run)


async def create_with_thread(call: Call) -> ASGIApp:
    """POST /threads/runs"""
    form = form_of(call)
    contents = wants_contents(call.request.query_params)
    body = await call.body(form.thread_and_run_body)
    draft = body.thread or form.thread_body()
    thread, run = await runs.create_with_thread(
        call.engine, call.caller, draft.draft(), draft.drafts(), body.request(), store=draft.store()
    )
    if body.stream:
        begin = thread_created(thread, form)
        return run_stream(call, run.id, after=run.first_number - 1, first=begin, contents=contents)
    return _answer(call, run)


async def list_(call: Call) -> Response:
    """GET /threads/{thread}/runs"""
    page = await call.scope.runs.list(call.id("thread"), page_query(call.request.query_params))
    return answer(lists.page(page, form_of(call).render.run))


async def retrieve(call: Call) -> Response:
    """GET /threads/{thread}/runs/{run}"""
    return _answer(call, await call.scope.runs.get(call.id("thread"), call.id("run")))


async def modify(call: Call) -> Response:
    """POST /threads/{thread}/runs/{run}"""
    body = await call.body(MetadataBody)
    if body.metadata is None:
        return await retrieve(call)
    run = await runs.modify(call.engine, call.caller, call.id("thread"), call.id("run"), body.metadata)
    return _answer(call, run)


async def cancel(call: Call) -> Response:
    """POST /threads/{thread}/runs/{run}/cancel"""
    return _answer(call, await runs.cancel(call.engine, call.caller, call.id("thread"), call.id("run")))


async def submit_outputs(call: Call) -> ASGIApp:
    """POST /threads/{thread}/runs/{run}/submit_tool_outputs"""
    contents = wants_contents(call.request.query_params)
    body = await call.body(ToolOutputsBody)
    history = await runs.submit_outputs(call.engine, call.caller, call.id("thread"), call.id("run"), body.by_call())
    if body.stream:
        return run_stream(call, history.run.id, after=history.run.first_number - 1, contents=contents)
    return _answer(call, history.run)


def _answer(call: Call, run: Run) -> Response:
    """Return the run; to those that poll for its end, with the pause that suits its age."""
    rendered = form_of(call).render.run(run)
    if run.status.final:
        return answer(rendered)
    least, most = _POLL_MS
    return answer(rendered, headers=poll_header(call.engine.clock() - run.created_at, least_ms=least, most_ms=most))
