"""Calls: what a request's tools, tool choice and messages come to as tool calls."""

from collections import Counter
from typing import Any

from retinue.models.base import ModelRequest
from retinue.models.rehearsal.arguments import arguments_for, names_something
from retinue.models.rehearsal.choose import Match, choose, rank
from retinue.models.rehearsal.coding.plan import first_run, interpreter_among, next_run
from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.functions import Function, offered
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.questions import speaks_of_files
from retinue.models.rehearsal.reply import Call
from retinue.models.rehearsal.schema_check import check, written_for
from retinue.models.rehearsal.searches import asks_files, file_search_among, search


def plan_calls(request: ModelRequest, conversation: Conversation) -> tuple[Call, ...]:
    """Return the calls to make now; none where the text asks for none or all are answered."""
    functions = offered(request.tools)
    for function in functions:
        check(function.parameters, owner=_owner(function))
    if not functions or request.tool_choice == "none":
        return ()
    calls = _not_answered(_wanted(functions, request.tool_choice, conversation), conversation)
    interpreter = interpreter_among(functions)
    if interpreter and (again := next_run(interpreter, conversation)):
        calls = [again, *calls]
    return tuple(calls if request.parallel_tool_calls is not False else calls[:1])


def _wanted(functions: list[Function], choice: Any, conversation: Conversation) -> list[Call]:
    if not isinstance(choice, dict) and choice != "required":
        return _asked_for(functions, conversation)
    if conversation.outputs:
        return []  # a forced call has been made; another after every output would never end
    if isinstance(choice, dict):
        named = [function for function in functions if function.name == _name(choice)]
        return _forced(named[0], conversation) if named else []
    asked_for = _asked_for(functions, conversation)
    return asked_for or _forced(_likeliest(functions, conversation.user), conversation)


def _asked_for(functions: list[Function], conversation: Conversation) -> list[Call]:
    """Return what the text asks for; files are searched where it asks for nothing else, or speaks of them."""
    text = conversation.user
    searching, interpreter = file_search_among(functions), interpreter_among(functions)
    if interpreter and (run := first_run(interpreter, conversation, alone=len(functions) == 1)):
        return [run]
    matches = choose([function for function in functions if function not in (searching, interpreter)], text)
    calls = [call for at, match in enumerate(matches) for call in _calls(match.function, _part(text, matches, at))]
    if searching and (speaks_of_files(text) if calls else asks_files(conversation)):
        return [search(searching, conversation), *calls]
    return calls


def _forced(function: Function, conversation: Conversation) -> list[Call]:
    if file_search_among([function]):
        return [search(function, conversation)]
    if interpreter_among([function]):
        run = first_run(function, conversation, alone=True, forced=True)
        return [run] if run else []
    return _calls(function, conversation.user)


def _name(choice: dict[str, Any]) -> Any:
    function = choice.get("function")
    return function.get("name") if isinstance(function, dict) else choice.get("name")


def _likeliest(functions: list[Function], text: str) -> Function:
    """Return the best match, however poor; the first function where none is better."""
    return max(rank(functions, text), key=lambda match: match.score).function


def _part(text: str, matches: list[Match], at: int) -> str:
    """Return the part of the text that speaks of match `at`; all of it where that part names nothing for it."""
    if len(matches) == 1:
        return text
    end = matches[at + 1].start if at + 1 < len(matches) else len(text)
    part = text[matches[at].start : end]
    function = matches[at].function
    with written_for(_owner(function)):
        return part if names_something(function, part) else text


def _calls(function: Function, text: str) -> list[Call]:
    with written_for(_owner(function)):
        return [Call(name=function.name, arguments=to_json(values)) for values in arguments_for(function, text)]


def _owner(function: Function) -> str:
    return f"function '{function.name}'"


def _not_answered(calls: list[Call], conversation: Conversation) -> list[Call]:
    """Leave out what has its output already: as many calls of a function as were answered."""
    answered = Counter(output.name for output in conversation.outputs)
    left: list[Call] = []
    for call in calls:
        if answered[call.name] > 0:
            answered[call.name] -= 1
        else:
            left.append(call)
    return left
