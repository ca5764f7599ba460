"""What answers took: the line after each, and the sum of a session."""

from collections.abc import Iterator, Sequence

from retinue.cli.chat.conversation import Answered

_UNPRICED = "cost not known"


class Tally:
    """The answers of a session, counted."""

    def __init__(self) -> None:
        self._answers: list[Answered] = []

    def add(self, answered: Answered) -> None:
        self._answers.append(answered)

    def lines(self, *, model: str, thread_id: str | None) -> list[str]:
        """Return the session's sums, a line each."""
        prompt = sum(answer.prompt_tokens for answer in self._answers)
        completion = sum(answer.completion_tokens for answer in self._answers)
        return [
            f"questions    {len(self._answers)}",
            f"tokens       {prompt:,} + {completion:,}",
            f"cost         {_session_cost(self._answers)}",
            *_speed(self._answers),
            f"model        {model}",
            f"thread       {thread_id or 'none yet'}",
        ]


def summary(answered: Answered, width: int) -> str:
    """Return what an answer took, in lines of this width at most; empty where nothing was answered."""
    return "\n".join(_filled([*_parts(answered)], width))


def dollars(cost: float) -> str:
    """Return an amount with two digits that tell something."""
    if cost == 0:
        return "$0"
    if cost >= 0.1:
        return f"${cost:,.2f}"
    return f"${cost:.2g}" if cost >= 0.0001 else f"${cost:.8f}".rstrip("0").rstrip(".") or "$0"


def _parts(answered: Answered) -> Iterator[str]:
    if answered.prompt_tokens or answered.completion_tokens:
        yield f"{answered.prompt_tokens:,} + {answered.completion_tokens:,} tokens"
        yield _UNPRICED if answered.cost_usd is None else dollars(answered.cost_usd)
    if answered.first_token_s is not None:
        yield f"first token {_seconds(answered.first_token_s)}"


def _filled(parts: Sequence[str], width: int) -> Iterator[str]:
    line = ""
    for part in parts:
        longer = f"{line} · {part}" if line else part
        if line and len(longer) > width:
            yield line
            line = part
        else:
            line = longer
    if line:
        yield line


def _session_cost(answers: Sequence[Answered]) -> str:
    priced = [answer.cost_usd for answer in answers if answer.cost_usd is not None]
    unpriced = sum(answer.cost_usd is None and answer.completion_tokens > 0 for answer in answers)
    if not unpriced:
        return dollars(sum(priced))
    answers_of = "1 answer" if unpriced == 1 else f"{unpriced} answers"
    return f"{dollars(sum(priced))}, and {answers_of} at a price that is not known" if priced else "not known"


def _speed(answers: Sequence[Answered]) -> Iterator[str]:
    firsts = [answer.first_token_s for answer in answers if answer.first_token_s is not None]
    if firsts:
        yield f"first token  {_seconds(sum(firsts) / len(firsts))} on average, {_seconds(firsts[-1])} the last"
    spoken = [(a.completion_tokens, a.seconds - a.first_token_s) for a in answers if a.first_token_s is not None]
    seconds = sum(time for _, time in spoken)
    if seconds > 0:
        yield f"speed        {sum(tokens for tokens, _ in spoken) / seconds:,.0f} tokens/s"


def _seconds(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 0.1 else f"{seconds * 1000:.0f} ms"
