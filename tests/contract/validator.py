"""Everything that holds a server to the contract, under one name."""

from contract.document import (
    ContractBroken,
    Generation,
    validate_answer,
    validate_error,
    validate_event,
    validate_object,
)
from contract.sse import Event, Parser, parse
from contract.stream_order import Story, check_stream

__all__ = [
    "ContractBroken",
    "Event",
    "Generation",
    "Parser",
    "Story",
    "check_stream",
    "parse",
    "validate_answer",
    "validate_error",
    "validate_event",
    "validate_object",
]
