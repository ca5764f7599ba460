"""Endpoints of assistants for v1 clients, whose files are one list."""

from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants.v1 import render as v1
from retinue.api.assistants.v1.bodies import AssistantBody
from retinue.api.call import Call, answer
from retinue.api.lists import Json
from retinue.api.query import page_query
from retinue.core.assistant import Assistant
from retinue.engine.commands import assistant_files


async def create(call: Call) -> Response:
    """POST /assistants"""
    body = await call.body(AssistantBody)
    made = await assistant_files.create(call.engine, call.caller, body.draft(), body.files() or ())
    return answer(v1.assistant(made, made.files))


async def list_(call: Call) -> Response:
    """GET /assistants"""
    page = await call.scope.assistants.list(page_query(call.request.query_params))
    files = await call.scope.assistant_files.of(page.data)
    by_id = {assistant.id: own for assistant, own in zip(page.data, files, strict=True)}

    def rendered(assistant: Assistant) -> Json:
        return v1.assistant(assistant, by_id[assistant.id])

    return answer(lists.page(page, rendered))


async def retrieve(call: Call) -> Response:
    """GET /assistants/{assistant}"""
    assistant = await call.scope.assistants.get(call.id("assistant"))
    [files] = await call.scope.assistant_files.of([assistant])
    return answer(v1.assistant(assistant, files))


async def modify(call: Call) -> Response:
    """POST /assistants/{assistant}"""
    body = await call.body(AssistantBody)
    assistant, files = await assistant_files.modify(
        call.engine, call.caller, call.id("assistant"), body.applied_to, body.files()
    )
    return answer(v1.assistant(assistant, files))
