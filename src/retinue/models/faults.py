"""An upstream's failure as one sentence that a person can act on, and the code that a run reports."""

from retinue.core.errors import ModelFault, RunErrorCode

_DETAIL_LIMIT = 300  # characters of the upstream's own words; the rest is in nobody's interest


class StatusFault(ModelFault):
    """An HTTP error answer: `status`, in `detail` what was said with it, and in `said` the whole answer as text."""

    said = ""

    def __init__(self, message: str, status: int, detail: str, *, code: RunErrorCode = "server_error") -> None:
        super().__init__(message, code=code)
        self.status = status
        self.detail = detail


def fault_of_status(provider: str, status: int, detail: str, *, model: str) -> StatusFault:
    """Return what an HTTP error answer of `provider` means for a run.

    `detail` is the upstream's own message: data from outside, so it is shortened and kept on one line.
    """
    said = _one_line(detail)
    code: RunErrorCode = "server_error"
    match status:
        case 401 | 403:
            message = f"{provider} refused the API key ({status}): {said} Start the server with a valid OPENAI_API_KEY."
        case 404:
            message = (
                f"{provider} has no model '{model}' (404): {said} "
                "Start the server with OPENAI_MODEL set to a model that it has."
            )
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
    return StatusFault(message, status, detail, code=code)


def unreachable(provider: str, why: str) -> ModelFault:
    """Return the fault of a provider that gives no answer at all."""
    return ModelFault(f"{provider} could not be reached: {_one_line(why)} Check OPENAI_BASE_URL and that it runs.")


def broken_off(provider: str, why: str) -> ModelFault:
    """Return the fault of a stream that ended before the model was done."""
    return ModelFault(f"{provider} broke the reply off before its end: {_one_line(why)} Try again.")


def _one_line(text: str) -> str:
    line = " ".join(text.split())[:_DETAIL_LIMIT].rstrip()
    return line if line.endswith((".", "!", "?")) else f"{line}."
