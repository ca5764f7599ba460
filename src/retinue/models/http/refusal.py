"""What a provider's answer means that is no reply: an error, a page, a redirect."""

from typing import Any

import msgspec

from retinue.core.errors import ModelFault
from retinue.models.address import without_password
from retinue.models.faults.envelope import complaints, knows_the_path, said
from retinue.models.faults.faults import fault_of_status, unreachable
from retinue.models.faults.retry_after import retry_after_s
from retinue.models.faults.verdict import verdict
from retinue.models.faults.window_refusal import window_refusal
from retinue.models.http.client import Response
from retinue.models.http.upstream import UNREADABLE, Upstream, error_body_of

_EMPTY = (204, 205)  # no body comes with these
_OTHER_KINDS = ("text/html", "image/", "audio/", "video/", "font/")


def is_reply(response: Response) -> bool:
    """Whether the answer is what was asked for, by its head."""
    kind = response.content_type
    return 200 <= response.status < 300 and response.status not in _EMPTY and not kind.startswith(_OTHER_KINDS)


async def refusal(upstream: Upstream, response: Response, *, model: str) -> ModelFault:
    """Return the fault that an answer means which is no reply; `model` is empty where none was asked for."""
    status = response.status
    if 300 <= status < 400:
        return redirect(upstream, response)
    error = decoded(await error_body_of(response))
    if status < 300 or (status in (404, 405) and not (model and knows_the_path(error))):
        return wrong_address(upstream, status)
    return refused(upstream, response, error, model=model)


def refused(upstream: Upstream, response: Response, error: Any, *, model: str) -> ModelFault:
    """Return the fault that an error answer means."""
    detail = upstream.without_key(said(error) or response.reason or "no reason.")
    too_long = window_refusal(upstream.name, response.status, detail, error)
    if too_long:
        return too_long
    fault = fault_of_status(
        upstream.name,
        response.status,
        detail,
        model=model,
        remedies=upstream.remedies,
        blame=verdict(response.status, response.headers, error),
        retry_after_s=retry_after_s(response.headers, error, detail),
    )
    fault.complaints = tuple(complaints(error))
    return fault


def redirect(upstream: Upstream, response: Response) -> ModelFault:
    """Return the fault of an answer that sends the caller elsewhere: none is followed."""
    place = upstream.without_key(without_password(response.headers.get("location", "nowhere")))
    return unreachable(upstream.name, f"it redirects to {place}.", remedies=upstream.remedies, blame="provider")


def wrong_address(upstream: Upstream, status: int) -> ModelFault:
    """Return the fault of an answer that no model provider gives."""
    return ModelFault(
        f"{upstream.name} answered as no model provider does ({status}): {upstream.remedies.wrong_address}, it is"
        f" {without_password(upstream.base_url)} and for most providers ends in /v1."
    )


def decoded(body: bytes) -> Any:
    """Return the JSON of an error answer; None where it is none."""
    try:
        return msgspec.json.decode(body)
    except UNREADABLE:
        return None
