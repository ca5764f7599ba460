"""Endpoints of an assistant's and a message's files, which v1 lists one by one."""

from starlette.responses import Response

from retinue.api import lists
from retinue.api.assistants.v1 import render as v1
from retinue.api.assistants.v1.bodies import AssistantFileBody
from retinue.api.call import Call, answer
from retinue.api.query import page_query
from retinue.core.assistant import AttachedFile
from retinue.core.errors import NotFound
from retinue.core.paging import page_of
from retinue.engine.commands import assistant_files


async def attach(call: Call) -> Response:
    """POST /assistants/{assistant}/files"""
    body = await call.body(AssistantFileBody)
    file = await assistant_files.attach(call.engine, call.caller, call.id("assistant"), body.file_id)
    return answer(v1.assistant_file(file, call.id("assistant")))


async def list_(call: Call) -> Response:
    """GET /assistants/{assistant}/files"""
    query, assistant_id = page_query(call.request.query_params), call.id("assistant")
    page = page_of(await _files(call), query, id_of=lambda file: file.file_id)
    return answer(lists.rows([v1.assistant_file(file, assistant_id) for file in page.data], has_more=page.has_more))


async def retrieve(call: Call) -> Response:
    """GET /assistants/{assistant}/files/{file}"""
    for file in await _files(call):
        if file.file_id == call.id("file"):
            return answer(v1.assistant_file(file, call.id("assistant")))
    raise NotFound("assistant file", call.id("file"))


async def detach(call: Call) -> Response:
    """DELETE /assistants/{assistant}/files/{file}"""
    await assistant_files.detach(call.engine, call.caller, call.id("assistant"), call.id("file"))
    return answer(lists.deleted(call.id("file"), "assistant.file"))


async def list_of_message(call: Call) -> Response:
    """GET /threads/{thread}/messages/{message}/files"""
    query = page_query(call.request.query_params)
    message = await call.scope.messages.get(call.id("thread"), call.id("message"))
    page = page_of(message.attachments, query, id_of=lambda file: file.file_id)
    return answer(lists.rows([v1.message_file(file, message) for file in page.data], has_more=page.has_more))


async def retrieve_of_message(call: Call) -> Response:
    """GET /threads/{thread}/messages/{message}/files/{file}"""
    message = await call.scope.messages.get(call.id("thread"), call.id("message"))
    for file in message.attachments:
        if file.file_id == call.id("file"):
            return answer(v1.message_file(file, message))
    raise NotFound("message file", call.id("file"))


async def _files(call: Call) -> tuple[AttachedFile, ...]:
    assistant = await call.scope.assistants.get(call.id("assistant"))
    [files] = await call.scope.assistant_files.of([assistant])
    return files
