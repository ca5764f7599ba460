"""The built-in behaviour: tool calls where the text asks for them, else JSON or an answer in sentences."""

from typing import Any

from retinue.models.base import Json, ModelRequest
from retinue.models.rehearsal import mentions
from retinue.models.rehearsal.answers import answer
from retinue.models.rehearsal.calls import plan_calls
from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.known import Known
from retinue.models.rehearsal.picks import Picks
from retinue.models.rehearsal.reply import Reply
from retinue.models.rehearsal.schema_check import check, written_for
from retinue.models.rehearsal.schema_values import Filler
from retinue.models.rehearsal.work import budget


def reply_to(request: ModelRequest, conversation: Conversation) -> Reply:
    """Return what the model says to a request that no script speaks of.

    Raises ModelFault for schemas that are malformed or ask for too much: all of a reply is one budget of work.
    """
    with budget():
        return _reply_to(request, conversation)


def _reply_to(request: ModelRequest, conversation: Conversation) -> Reply:
    if calls := plan_calls(request, conversation):
        return Reply(calls=calls)
    wanted = request.response_format or {}
    match wanted.get("type"):
        case "json_object":
            return Reply(text=to_json({"answer": answer(conversation)}))
        case "json_schema":
            schema = _schema(wanted)
            check(schema, owner="response_format")
            with written_for("response_format"):
                return Reply(text=to_json(_valid_value(schema, conversation)))
        case _:
            return Reply(text=answer(conversation))


def _schema(wanted: Json) -> Any:
    """Return the schema of a response format; one that anything fits where there is none."""
    schema = (wanted.get("json_schema") or {}).get("schema")
    return {} if schema is None else schema


def _valid_value(schema: Any, conversation: Conversation) -> Any:
    said = Picks(mentions.find(conversation.user))
    return Filler(schema, Known(conversation, otherwise=said), sparse=False).value(schema)
