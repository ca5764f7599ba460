"""An upstream's failure: one sentence that a person can act on, the code that a run reports, and whose fault it is."""

from collections.abc import Sequence

from msgspec import Struct

from retinue.core.errors import Blame, ModelFault, RunErrorCode
from retinue.models.faults.envelope import Complaint

_DETAIL_LIMIT = 300  # characters of the upstream's own words; the rest is in nobody's interest

_OF_THE_REQUEST = (400, 413, 414, 422, 431)
_OF_THE_MOMENT = (408, 409, 425, 429)


class Remedies(Struct, frozen=True, kw_only=True):
    """What a user changes so that a provider answers, as the ends of sentences."""

    key: str = "Start the server with a valid OPENAI_API_KEY."
    address: str = "Check OPENAI_BASE_URL and that it runs."
    wrong_address: str = "OPENAI_BASE_URL seems wrong"
    model: str = "Start the server with OPENAI_MODEL set to a model that it has."


OPENAI_VARIABLES = Remedies()
"""Those of the provider that the OPENAI_* variables make."""


def remedies_of(provider: str, key: str | None) -> Remedies:
    """Return the remedies of a provider under [providers.NAME], whose key the variable `key` holds."""
    section = f"[providers.{provider}]"
    return Remedies(
        key=f"Start the server with a valid {key}." if key else f"Name the variable of its key as `key` in {section}.",
        address=f"Check base_url in {section} and that it runs.",
        wrong_address=f"base_url in {section} seems wrong",
        model="`retinue models` lists what it has.",
    )


class StatusFault(ModelFault):
    """An HTTP error answer: `status`, in `detail` what was said with it, and all that it has against the request."""

    complaints: Sequence[Complaint] = ()

    def __init__(
        self,
        message: str,
        status: int,
        detail: str,
        *,
        code: RunErrorCode = "server_error",
        blame: Blame = "provider",
        retry_after_s: float | None = None,
    ) -> None:
        super().__init__(message, code=code, blame=blame, retry_after_s=retry_after_s)
        self.status = status
        self.detail = detail


def blame_of(status: int) -> Blame:
    """Return whose fault an HTTP error answer is, as far as its status tells."""
    if status in _OF_THE_REQUEST:
        return "request"
    return "moment" if status in _OF_THE_MOMENT or status >= 500 else "provider"


def fault_of_status(
    provider: str,
    status: int,
    detail: str,
    *,
    model: str,
    remedies: Remedies,
    blame: Blame | None = None,
    retry_after_s: float | None = None,
) -> StatusFault:
    """Return what an HTTP error answer of `provider` means for a run.

    `detail` is the upstream's own message: data from outside, so it is shortened and kept on one line. `blame` is
    that of the status unless more is known.
    """
    said = _one_line(detail)
    code: RunErrorCode = "server_error"
    match status:
        case 401 | 403:
            message = f"{provider} refused the API key ({status}): {said} {remedies.key}"
        case 404:
            message = f"{provider} has no model '{model}' (404): {said} {remedies.model}"
        case 429:
            code = "rate_limit_exceeded"
            message = (
                f"{provider} refused for now, too many requests or no quota left (429): {said} "
                "Try again later, or see what the key may spend."
            )
        case 400 | 413 | 422:
            code = "invalid_prompt"
            message = f"{provider} did not accept the request ({status}): {said}"
        case _:
            message = f"{provider} failed ({status}): {said} Try again; if it stays, see the provider's status."
    return StatusFault(message, status, detail, code=code, blame=blame or blame_of(status), retry_after_s=retry_after_s)


def unreachable(provider: str, why: str, *, remedies: Remedies, blame: Blame = "moment") -> ModelFault:
    """Return the fault of a provider that gives no answer at all."""
    return ModelFault(f"{provider} could not be reached: {_one_line(why)} {remedies.address}", blame=blame)


def broken_off(provider: str, why: str) -> ModelFault:
    """Return the fault of a stream that ended before the model was done."""
    return ModelFault(f"{provider} broke the reply off before its end: {_one_line(why)} Try again.", blame="moment")


def _one_line(text: str) -> str:
    line = " ".join(text.split())[:_DETAIL_LIMIT].rstrip()
    return line if line.endswith((".", "!", "?")) else f"{line}."
