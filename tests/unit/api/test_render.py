from typing import Any

import pytest
from msgspec import structs

from retinue.api import lists
from retinue.api.assistants import render
from retinue.api.assistants.v1 import render as v1
from retinue.core.assistant import Assistant
from retinue.core.item import Attachment, ImageFile, ImageUrl, Message, Text, ToolCall, ToolOutput
from retinue.core.paging import Page
from retinue.core.run import Run, RunSpec, Status
from retinue.core.spending import Spending
from retinue.core.step import RunError, Step
from retinue.core.thread import Thread
from retinue.core.tools import (
    CodeInterpreterTool,
    FileSearchTool,
    FunctionTool,
    NamedTool,
    RankingOptions,
    ToolResources,
)
from retinue.core.usage import Usage

NOW = 1_700_000_000.75
SPEC = RunSpec(assistant_id="asst_1", model="gpt-4o", instructions="Be kind.")
RUN = Run(id="run_1", thread_id="thread_1", branch="b", created_at=NOW, expires_at=NOW + 600, spec=SPEC)
STEP = Step(
    id="step_1",
    run_id="run_1",
    thread_id="thread_1",
    assistant_id="asst_1",
    kind="tool_calls",
    turn=0,
    created_at=NOW,
    expires_at=NOW + 600,
    first_event=1,
)
CALL = ToolCall(id="i", run_id="run_1", step_id="step_1", created_at=NOW, call_id="call_a", name="get", arguments="{}")
OUTPUT = ToolOutput(id="o", run_id="run_1", step_id="step_1", created_at=NOW, call_id="call_a", output="42")
MESSAGE = Message(
    id="msg_1", thread_id="thread_1", role="assistant", created_at=NOW, content=(Text("Hi"),), ended_at=NOW + 2
)


def test_an_assistant_with_nothing_set_shows_the_services_defaults() -> None:
    assert render.assistant(Assistant(id="asst_1", created_at=NOW, model="gpt-4o")) == {
        "id": "asst_1",
        "object": "assistant",
        "created_at": 1_700_000_000,
        "name": None,
        "description": None,
        "model": "gpt-4o",
        "instructions": None,
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "response_format": "auto",
        "reasoning_effort": None,
    }


def test_a_temperature_of_zero_is_shown() -> None:
    assert render.assistant(Assistant(id="a", created_at=NOW, model="m", temperature=0.0))["temperature"] == 0.0


def test_a_thread_shows_its_resources() -> None:
    resources = ToolResources(code_interpreter=("file_1",), file_search=())
    assert render.thread(Thread(id="thread_1", created_at=NOW, head="b", tool_resources=resources)) == {
        "id": "thread_1",
        "object": "thread",
        "created_at": 1_700_000_000,
        "metadata": {},
        "tool_resources": {"code_interpreter": {"file_ids": ("file_1",)}, "file_search": {"vector_store_ids": ()}},
    }


@pytest.mark.parametrize("generation", [render, v1])
def test_a_thread_shows_under_our_own_name_what_it_has_cost(generation: Any) -> None:
    spending = Spending(turns=3, usage=Usage(prompt=10, completion=5, estimated=True), cost_usd=0.5, unpriced=1)
    thread = Thread(id="thread_1", created_at=NOW, head="b")
    assert "retinue" not in generation.thread(thread)
    assert generation.thread(thread, spending)["retinue"] == {
        "turns": 3,
        "usage": render.usage(spending.usage),
        "usage_estimated": True,
        "cost_usd": 0.5,
        "unpriced_turns": 1,
    }


def test_a_message_shows_all_its_parts() -> None:
    content = (Text("Hi"), ImageFile(file_id="file_1"), ImageUrl(url="https://x.y/z", detail="high"))
    attachments = (Attachment(file_id="file_2", tools=("file_search",)),)
    rendered = render.message(structs.replace(MESSAGE, content=content, attachments=attachments))
    assert rendered["content"] == [
        {"type": "text", "text": {"value": "Hi", "annotations": []}},
        {"type": "image_file", "image_file": {"file_id": "file_1", "detail": "auto"}},
        {"type": "image_url", "image_url": {"url": "https://x.y/z", "detail": "high"}},
    ]
    assert rendered["attachments"] == [{"file_id": "file_2", "tools": [{"type": "file_search"}]}]


@pytest.mark.parametrize(
    ("status", "reason", "shown"),
    [
        ("in_progress", None, (None, None, None)),
        ("completed", None, (None, 1_700_000_002, None)),
        ("incomplete", "max_tokens", ({"reason": "max_tokens"}, None, 1_700_000_002)),
    ],
)
def test_a_message_has_the_time_of_the_end_it_came_to(status: Any, reason: Any, shown: Any) -> None:
    message = render.message(structs.replace(MESSAGE, status=status, reason=reason))
    assert (message["incomplete_details"], message["completed_at"], message["incomplete_at"]) == shown


def test_a_run_that_was_just_created_is_shown_whole() -> None:
    assert render.run(RUN) == {
        "id": "run_1",
        "object": "thread.run",
        "created_at": 1_700_000_000,
        "assistant_id": "asst_1",
        "thread_id": "thread_1",
        "status": "queued",
        "started_at": None,
        "expires_at": 1_700_000_600,
        "cancelled_at": None,
        "failed_at": None,
        "completed_at": None,
        "required_action": None,
        "last_error": None,
        "model": "gpt-4o",
        "instructions": "Be kind.",
        "tools": [],
        "tool_resources": {},
        "metadata": {},
        "temperature": 1.0,
        "top_p": 1.0,
        "reasoning_effort": None,
        "max_completion_tokens": None,
        "max_prompt_tokens": None,
        "truncation_strategy": {"type": "auto", "last_messages": None},
        "incomplete_details": None,
        "usage": None,
        "response_format": "auto",
        "tool_choice": "auto",
        "parallel_tool_calls": True,
    }


@pytest.mark.parametrize(
    ("status", "field"),
    [
        (Status.CANCELLED, "cancelled_at"),
        (Status.FAILED, "failed_at"),
        (Status.COMPLETED, "completed_at"),
        (Status.INCOMPLETE, "completed_at"),
        (Status.EXPIRED, None),
    ],
)
def test_a_run_has_the_time_of_the_end_it_came_to_and_expires_no_more(status: Status, field: str | None) -> None:
    rendered = render.run(structs.replace(RUN, status=status, ended_at=NOW + 5))
    set_ = [name for name in ("cancelled_at", "failed_at", "completed_at") if rendered[name] is not None]
    assert set_ == ([field] if field else [])
    assert rendered["expires_at"] is None


@pytest.mark.parametrize("status", [status for status in Status if not status.final])
def test_a_live_run_shows_when_it_expires(status: Status) -> None:
    assert render.run(structs.replace(RUN, status=status))["expires_at"] == 1_700_000_600


def test_a_run_that_waits_shows_the_whole_calls_without_outputs() -> None:
    waiting = structs.replace(RUN, status=Status.REQUIRES_ACTION, pending=(CALL,))
    assert render.run(waiting)["required_action"] == {
        "type": "submit_tool_outputs",
        "submit_tool_outputs": {
            "tool_calls": [{"id": "call_a", "type": "function", "function": {"name": "get", "arguments": "{}"}}]
        },
    }


def test_a_run_that_ended_shows_usage_and_under_our_own_name_its_cost() -> None:
    spent = Usage(prompt=10, completion=5, cached=3, reasoning=2)
    rendered = render.run(structs.replace(RUN, status=Status.COMPLETED, usage=spent, cost_usd=0.5))
    assert rendered["usage"] == {
        "prompt_tokens": 10,
        "completion_tokens": 5,
        "total_tokens": 15,
        "prompt_token_details": {"cached_tokens": 3},
        "completion_tokens_details": {"reasoning_tokens": 2},
    }
    assert rendered["retinue"] == {"cost_usd": 0.5, "usage_estimated": False}


def test_a_failed_run_shows_its_error() -> None:
    error = RunError(code="rate_limit_exceeded", message="Slow down.")
    rendered = render.run(structs.replace(RUN, status=Status.FAILED, error=error))
    assert rendered["last_error"] == {"code": "rate_limit_exceeded", "message": "Slow down."}


def test_an_incomplete_run_shows_why() -> None:
    rendered = render.run(structs.replace(RUN, status=Status.INCOMPLETE, incomplete="max_prompt_tokens"))
    assert rendered["incomplete_details"] == {"reason": "max_prompt_tokens"}


@pytest.mark.parametrize(
    ("choice", "shown"),
    [
        ("required", "required"),
        (NamedTool(type="file_search"), {"type": "file_search"}),
        (NamedTool(type="function", name="get"), {"type": "function", "function": {"name": "get"}}),
    ],
)
def test_a_tool_choice_is_shown_as_it_was_made(choice: Any, shown: Any) -> None:
    assert render.run(structs.replace(RUN, spec=structs.replace(SPEC, tool_choice=choice)))["tool_choice"] == shown


def test_a_run_that_sends_the_last_messages_says_so() -> None:
    rendered = render.run(structs.replace(RUN, spec=structs.replace(SPEC, last_messages=3)))
    assert rendered["truncation_strategy"] == {"type": "last_messages", "last_messages": 3}


@pytest.mark.parametrize(
    ("tool", "shown"),
    [
        (CodeInterpreterTool(), {"type": "code_interpreter"}),
        (
            FileSearchTool(),
            {
                "type": "file_search",
                "file_search": {"ranking_options": {"ranker": "default_2024_08_21", "score_threshold": 0}},
            },
        ),
        (
            FileSearchTool(max_num_results=3, ranking_options=RankingOptions(score_threshold=0.5, ranker="auto")),
            {
                "type": "file_search",
                "file_search": {
                    "ranking_options": {"ranker": "auto", "score_threshold": 0.5},
                    "max_num_results": 3,
                },
            },
        ),
        (
            FunctionTool(name="f", description="d", parameters={"type": "object"}, strict=True),
            {
                "type": "function",
                "function": {"name": "f", "parameters": {"type": "object"}, "strict": True, "description": "d"},
            },
        ),
    ],
)
def test_a_tool_is_shown_with_the_values_that_were_filled_in(tool: Any, shown: Any) -> None:
    assert render.tool(tool) == shown


def test_a_tool_step_shows_its_calls_with_their_outputs() -> None:
    assert render.step(STEP, [CALL], [OUTPUT])["step_details"] == {
        "type": "tool_calls",
        "tool_calls": [
            {"id": "call_a", "type": "function", "function": {"name": "get", "arguments": "{}", "output": "42"}}
        ],
    }


def test_a_call_without_an_output_shows_null() -> None:
    (call,) = render.step(STEP, [CALL], [])["step_details"]["tool_calls"]
    assert call["function"]["output"] is None


def test_a_message_step_shows_its_message() -> None:
    step = structs.replace(STEP, kind="message_creation", message_id="msg_1")
    assert render.step(step, [], [])["step_details"] == {
        "type": "message_creation",
        "message_creation": {"message_id": "msg_1"},
    }


@pytest.mark.parametrize("status", ["completed", "cancelled", "failed", "expired"])
def test_a_step_has_the_time_of_the_end_it_came_to(status: Any) -> None:
    rendered = render.step(structs.replace(STEP, status=status, ended_at=NOW + 5), [], [])
    times = {name: rendered[f"{name}_at"] for name in ("completed", "cancelled", "failed", "expired")}
    assert times == {name: 1_700_000_005 if name == status else None for name in times}
    assert rendered["expires_at"] is None


def test_an_open_step_shows_when_it_expires() -> None:
    assert render.step(STEP, [], [])["expires_at"] == 1_700_000_600


def test_a_page_names_its_ends() -> None:
    threads = [Thread(id=f"thread_{n}", created_at=NOW, head="b") for n in (1, 2, 3)]
    rendered = lists.page(Page(data=threads, has_more=True), render.thread)
    assert (rendered["object"], rendered["first_id"], rendered["last_id"], rendered["has_more"]) == (
        "list",
        "thread_1",
        "thread_3",
        True,
    )
    assert [entry["id"] for entry in rendered["data"]] == ["thread_1", "thread_2", "thread_3"]


def test_an_empty_page_has_no_ends() -> None:
    page: Page[Thread] = Page(data=[], has_more=False)
    assert lists.page(page, render.thread) == {
        "object": "list",
        "data": [],
        "first_id": None,
        "last_id": None,
        "has_more": False,
    }


def test_a_deletion_says_what_it_deleted() -> None:
    deleted = {"id": "msg_1", "object": "thread.message.deleted", "deleted": True}
    assert lists.deleted("msg_1", "thread.message") == deleted
