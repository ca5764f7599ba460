"""What a model wants to search for, read out of the arguments that it wrote."""

import msgspec

from retinue.core.surrogates import mended

MAX_CALL_QUERIES = 5  # of a model's call
MAX_CALL_QUERY = 1_000  # characters

WANTED = 'Nothing was searched for. Send {"queries": ["..."]}: one to five searches, each a question or some words.'
_NAMES = ("queries", "query")


def queries_in(arguments: str) -> tuple[str, ...]:
    """Return the queries, those that are too many or too long cut; none where there are none to be found.

    Models that don't keep to the schema send one query as a text, or a list of them without its name.
    """
    try:
        sent = msgspec.json.decode(mended(arguments))
    except (msgspec.DecodeError, RecursionError):
        return ()
    if isinstance(sent, dict):
        sent = next((sent[name] for name in _NAMES if sent.get(name)), None)
    listed = sent if isinstance(sent, list) else [sent]
    queries = [" ".join(query.split())[:MAX_CALL_QUERY] for query in listed if isinstance(query, str)]
    return tuple(dict.fromkeys(filter(None, queries)))[:MAX_CALL_QUERIES]
