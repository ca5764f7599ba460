"""Leads generated requests to what exists; else nearly all of them would end at an id that nobody has.

Schemathesis loads this file in a process of its own: RETINUE_PORT names the server. Which requests are led is told
from the request alone, so that one that fails does so again.
"""

import json
import os
import zlib
from collections.abc import Callable
from functools import cache
from typing import Any

import schemathesis

from acceptance.runs import calls_of, settled, told
from acceptance.wire import (
    ASSISTANTS,
    CANCEL,
    CONTAINER,
    CONTAINER_CONTENT,
    CONTAINER_FILE,
    CONTAINER_FILES,
    CONTAINERS,
    MESSAGES,
    OUTPUTS,
    RUN,
    RUNS,
    THREAD_AND_RUN,
    THREADS,
    Wire,
)

Place = dict[str, str]
Case = schemathesis.Case[Any]

LED = 4
"""One request in so many stays as it was generated."""

ACCEPTED_THOUGH_INVALID = "ST201"
JUDGED_ELSEWHERE = {"/chat/completions", "/completions", "/embeddings", "/moderations"}
"""What is handed on: its parameters are the provider's business."""
FORMS = {"/files", "/uploads/{upload_id}/parts", "/containers/{container_id}/files"}
"""In a form everything is text, so that a number too many may be a file after all."""

WEATHER = {"type": "function", "function": {"name": "get_weather"}}
MESSAGE = {"role": "user", "content": "say hello"}


@schemathesis.hook
def before_call(context: schemathesis.HookContext, case: Case, kwargs: dict[str, Any]) -> None:
    """Put ids that exist into the path, the query and the body."""
    if _chance(case) % LED == 0:
        return
    method, path = case.operation.method.upper(), case.operation.path
    place = _FRESH.get((method, path), _shared)()
    for name in case.path_parameters or ():
        if name in place:
            case.path_parameters[name] = place[name]
    for name in ("after", "before", "run_id"):
        if name in (case.query or ()) and _chance(case) % 2:
            case.query[name] = place.get(_LISTED.get(path, "") if name != "run_id" else "run_id", "")
    if isinstance(case.body, dict):
        case.body = _led(case.body, place)


@schemathesis.hook
def filter_failure(
    context: schemathesis.HookContext, failure: Any, case: Case, response: schemathesis.Response
) -> bool:
    """Pass over what was taken with a null or an empty parameter too many: either is the same as left out."""
    is_empty = _holds_null(case.body) or "" in (case.query or {}).values()
    is_not_ours = case.operation.path in JUDGED_ELSEWHERE | FORMS
    return failure.code != ACCEPTED_THOUGH_INVALID or not (is_empty or is_not_ours)


def _holds_null(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_holds_null, value.values()))
    return any(map(_holds_null, value)) if isinstance(value, list) else value is None


def _led(body: dict[str, Any], place: Place) -> dict[str, Any]:
    """The body with an assistant and pending calls that exist, where it names any."""
    led = dict(body)
    if isinstance(led.get("assistant_id"), str):
        led["assistant_id"] = place["assistant_id"]
    if isinstance(led.get("file_id"), str) and "stored" in place:
        led["file_id"] = place["stored"]
    outputs, calls = led.get("tool_outputs"), json.loads(place.get("calls", "[]"))
    if isinstance(outputs, list) and all(isinstance(output, dict) for output in outputs):
        pairs = zip(calls, [*outputs, *({} for _ in calls)], strict=False)
        led["tool_outputs"] = [{**output, "tool_call_id": call} for call, output in pairs]
    return led


def _chance(case: Case) -> int:
    """A number that is the same for the same request."""
    return zlib.crc32(repr((case.method, case.query, case.body)).encode("utf-8", "surrogatepass"))


@cache
def _wire() -> Wire:
    return Wire(int(os.environ["RETINUE_PORT"]))


@cache
def _shared() -> Place:
    """A thread with a finished run that has called a function, and a waiting one's assistant."""
    assistant, thread = _assistant()["assistant_id"], _thread()["thread_id"]
    story = told(_wire(), thread, assistant)
    return {
        "assistant_id": assistant,
        "thread_id": thread,
        "message_id": story.messages[0]["id"],
        "run_id": story.run["id"],
        "step_id": story.steps[0]["id"],
        "model": "rehearsal",
        "container_id": _container()["container_id"],
    }


def _assistant() -> Place:
    return {"assistant_id": _wire().post(ASSISTANTS, {"model": "gpt-4o", "tools": [WEATHER]})["id"]}


def _thread() -> Place:
    return {"thread_id": _wire().post(THREADS, {"messages": [MESSAGE]})["id"]}


def _container() -> Place:
    """One with a file; the paths of other files than a container's are left as they were generated."""
    stored = _wire().upload(b"Text.")["id"]
    made = _wire().post(CONTAINERS, {"name": "C", "file_ids": [stored]})["id"]
    file = _wire().get(CONTAINER_FILES, container_id=made)["data"][0]["id"]
    return {"container_id": made, "file_id": file, "stored": stored}


def _runnable() -> Place:
    return {**_shared(), **_thread()}


def _message() -> Place:
    thread = _thread()
    return {**thread, "message_id": _wire().post(MESSAGES, MESSAGE, **thread)["id"]}


def _waiting() -> Place:
    """A run that waits for the outputs of two calls; other requests may have taken the shared assistant's tools."""
    body = {
        **_assistant(),
        "thread": {"messages": [{"role": "user", "content": "weather in Paris and Rome"}]},
    }
    run = settled(_wire(), _wire().post(THREAD_AND_RUN, body))
    calls = json.dumps([call["id"] for call in calls_of(run)])
    return {"thread_id": run["thread_id"], "run_id": run["id"], "calls": calls}


_FRESH: dict[tuple[str, str], Callable[[], Place]] = {
    ("DELETE", CONTAINER): _container,
    ("GET", CONTAINER_FILE): _container,
    ("DELETE", CONTAINER_FILE): _container,
    ("GET", CONTAINER_CONTENT): _container,
    ("POST", CONTAINER_FILES): _container,
    ("DELETE", "/assistants/{assistant_id}"): _assistant,
    ("DELETE", "/threads/{thread_id}"): _thread,
    ("DELETE", "/threads/{thread_id}/messages/{message_id}"): _message,
    ("POST", MESSAGES): _thread,
    ("POST", RUNS): _runnable,
    ("POST", CANCEL): _waiting,
    ("POST", OUTPUTS): _waiting,
}
"""What uses a place up gets one of its own."""

_LISTED = {ASSISTANTS: "assistant_id", MESSAGES: "message_id", RUNS: "run_id", f"{RUN}/steps": "step_id"}
"""What each list's cursors name."""
