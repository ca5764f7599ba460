"""Searches: when a message is looked up in the files, and the call that does it."""

from collections.abc import Sequence

from retinue.models.rehearsal.answers import of_itself
from retinue.models.rehearsal.conversation import Conversation
from retinue.models.rehearsal.functions import Function, searches_files
from retinue.models.rehearsal.json_text import to_json
from retinue.models.rehearsal.questions import is_question, questions, speaks_of_files
from retinue.models.rehearsal.reply import Call

_MOST_WORDS = 8  # of a text that is typed as into a search box


def file_search_among(functions: Sequence[Function]) -> Function | None:
    """Return the function that searches files: the hosted one, where the caller has one of that name too."""
    searches = [function for function in functions if searches_files(function.name) and _takes_queries(function)]
    return max(searches, key=lambda function: len(function.name), default=None)


def asks_files(conversation: Conversation) -> bool:
    """Whether the last user message asks what files may answer, and nothing else here can."""
    text = conversation.user
    if speaks_of_files(text):
        return True
    return not of_itself(conversation) and (is_question(text) or 0 < len(text.split()) <= _MOST_WORDS)


def search(function: Function, conversation: Conversation) -> Call:
    """Return the call that searches for all that the message asks."""
    queries = [question.query for question in questions(conversation)]
    return Call(name=function.name, arguments=to_json({"queries": list(dict.fromkeys(queries))}))


def _takes_queries(function: Function) -> bool:
    queries = function.properties.get("queries")
    return isinstance(queries, dict) and queries.get("type") == "array"
