"""The model behind an HTTP API of its own: requests in the caller's bytes, answers as a provider gives them."""

from typing import assert_never

import msgspec

from retinue.core.errors import InvalidRequest
from retinue.models.faults.faults import StatusFault
from retinue.models.http.sse import EVENT_STREAM
from retinue.models.rehearsal import completions, text_completions
from retinue.models.rehearsal.asked import read_chat, read_completion
from retinue.models.rehearsal.begun import begun
from retinue.models.rehearsal.embeddings import embeddings
from retinue.models.rehearsal.say import Say
from retinue.models.relay import Relayed, RelayRequest, refusing, whole

_STREAM = {"content-type": f"{EVENT_STREAM}; charset=utf-8"}


async def relayed(request: RelayRequest, say: Say) -> Relayed:
    """Return the answer to a request; raises InvalidRequest, and ModelFault where the script has nobody answer."""
    try:
        match request.operation:
            case "chat/completions":
                return await _chat(request, say)
            case "completions":
                return await _completion(request, say)
            case "embeddings":
                return await embeddings(request)
            case "moderations":
                raise InvalidRequest(
                    "The rehearsal model can't moderate: it follows rules and would judge nothing. Start the server "
                    "with OPENAI_API_KEY, or with OPENAI_BASE_URL set to a provider that serves /moderations.",
                    code="unsupported",
                )
            case _:
                assert_never(request.operation)
    except StatusFault as fault:
        return refusing(fault.status, fault.detail)


async def _chat(request: RelayRequest, say: Say) -> Relayed:
    chat, asked = read_chat(request)
    events = await begun(say(asked, stops=chat.stops))
    if request.stream:
        return Relayed(status=200, headers=_STREAM, pieces=completions.chunks(chat, events))
    return whole(msgspec.json.encode(await completions.whole(chat, events)))


async def _completion(request: RelayRequest, say: Say) -> Relayed:
    asked = read_completion(request)
    parts = await begun(text_completions.parts(asked, request.model or "", say))
    if request.stream:
        return Relayed(status=200, headers=_STREAM, pieces=text_completions.chunks(asked, parts))
    return whole(msgspec.json.encode(await text_completions.whole(asked, parts)))
