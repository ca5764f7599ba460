"""Whose fault a provider's error answer is, where its body or headers tell more than its status."""

from collections.abc import Mapping
from typing import Any

from retinue.core.errors import Blame
from retinue.models.faults.envelope import marks_of
from retinue.models.faults.faults import blame_of

_OF_THE_PROVIDER = {
    "access_terminated",
    "account_deactivated",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit_balance_too_low",
    "insufficient_quota",
    "invalid_api_key",
    "invalid_model",
    "model_not_found",
}
"""Codes and types of errors that nobody's patience cures, and another provider may not have, whatever their status."""


def verdict(status: int, headers: Mapping[str, str], error: Any) -> Blame:
    """Return whose fault an error answer is; `error` is its JSON, `headers` are looked up in lower case."""
    if marks_of(error) & _OF_THE_PROVIDER:
        return "provider"
    blame = blame_of(status)
    # https://github.com/openai/openai-python: the service says itself where asking again is of no use
    if blame == "moment" and headers.get("x-should-retry", "").lower() == "false":
        return "provider"
    return blame
