"""Tool outputs, whole: steps show the two ends of a long one."""

import contextlib

from starlette.responses import Response

from retinue.api.call import Call, answer
from retinue.core.errors import BlobMissing, NotFound
from retinue.core.item import ToolCall, ToolOutput


async def run_output(call: Call) -> Response:
    """GET /retinue/runs/{run}/outputs/{call_id}: what a call came to; the newest, if its id came again."""
    history = await call.scope.runs.history(call.id("run"))
    call_id = call.id("call_id")
    asked = [item for item in history.items if isinstance(item, ToolCall) and item.call_id == call_id]
    if not asked:
        raise NotFound("tool call", call_id)
    answers = [item for item in history.items if isinstance(item, ToolOutput) and item.step_id == asked[-1].step_id]
    found = next((item for item in answers if item.call_id == call_id), None)
    return answer(
        {
            "object": "retinue.output",
            "run_id": history.run.id,
            "step_id": asked[-1].step_id,
            "call_id": call_id,
            "output": await whole(call, found) if found else None,
        }
    )


async def whole(call: Call, output: ToolOutput) -> str:
    """Return all of an output; raises NotFound if it was deleted meanwhile."""
    if output.blob is None:
        return output.output
    try:
        async with contextlib.aclosing(call.engine.blobs.open(output.blob)) as pieces:
            return b"".join([piece async for piece in pieces]).decode()
    except BlobMissing as error:  # its thread was deleted since the row was read
        raise NotFound("tool call", output.call_id) from error
