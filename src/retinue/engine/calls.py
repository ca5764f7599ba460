"""A round of tool calls on its way in, told one call after the other whatever order its fragments come in."""

from collections.abc import Callable, Mapping

import msgspec
from msgspec import structs

from retinue.core.code import CodeScanner
from retinue.core.errors import ModelFault
from retinue.core.events import CallDelta, CallStarted, Event
from retinue.core.ids import new_id
from retinue.core.item import CallKind, ToolCall
from retinue.core.step import Step
from retinue.models import CallPiece

_NO_KINDS: Mapping[str, CallKind] = {}

_CHECKS = 8  # times that a call is read through at most, to see whether it is whole

MAX_CALLS = 128  # of one turn: as many as a run can have tools


class OpenCalls:
    """The calls of one turn while the model writes them.

    Clients gather fragments by index and take a call as whole once the next begins. So the fragments of a later
    call are held back until those before it are whole: readable JSON, or the end of the turn. What comes for a call
    that was passed is dropped: its arguments were whole, and more would spoil them. Of a file search's call only the
    beginning is told, of a code interpreter's the code in its arguments.
    """

    def __init__(
        self,
        step: Step,
        *,
        next_number: Callable[[], int],
        tell: Callable[[Event], None],
        kinds: Mapping[str, CallKind] = _NO_KINDS,
    ) -> None:
        """`kinds` says what each name is that is no function's."""
        self._step, self._kinds = step, kinds
        self._next_number, self._tell = next_number, tell
        self._order: list[_OpenCall] = []
        self._by_index: dict[int, _OpenCall] = {}
        self._ids: set[str] = set()
        self._current = 0
        """Place of the call that is being told; those before it are whole."""

    def add(self, piece: CallPiece, *, at: float) -> None:
        """Take more of a call; raises ModelFault for more calls than anybody can have meant."""
        open_ = self._by_index.get(piece.index)
        if open_ is None:
            open_ = self._by_index[piece.index] = self._open(piece, at)
        if piece.arguments and open_.place >= self._current:
            open_.add(piece.arguments)
        self._tell_on(ended=False)

    def end(self) -> None:
        """No more will come: tell what was held back."""
        self._tell_on(ended=True)

    def so_far(self) -> tuple[Step, tuple[ToolCall, ...]]:
        """Return the step and its calls as far as they came."""
        cuts = tuple(tuple(map(len, open_.pieces)) for open_ in self._order)
        calls = tuple(structs.replace(open_.call, arguments="".join(open_.fragments)) for open_ in self._order)
        return structs.replace(self._step, cuts=cuts), calls

    def _open(self, piece: CallPiece, at: float) -> "_OpenCall":
        if len(self._order) == MAX_CALLS:
            raise ModelFault(f"The model asked for more than {MAX_CALLS} tool calls at once. Use another model.")
        call = ToolCall(
            id=new_id("item"),
            run_id=self._step.run_id,
            step_id=self._step.id,
            created_at=at,
            call_id=piece.id if piece.id and piece.id not in self._ids else new_id("call"),
            name=piece.name or "",
            arguments="",
            kind=self._kinds.get(piece.name or "", "function"),
        )
        self._ids.add(call.call_id)
        self._order.append(_OpenCall(len(self._order), call))
        return self._order[-1]

    def _tell_on(self, *, ended: bool) -> None:
        while self._current < len(self._order):
            open_ = self._order[self._current]
            self._tell_news(open_)
            is_last = self._current == len(self._order) - 1
            if not ended and (is_last or not open_.is_whole()):
                return
            open_.end()
            self._tell_news(open_)
            self._current += 1

    def _tell_news(self, open_: "_OpenCall") -> None:
        call = open_.call
        if not open_.announced:
            open_.announced = True
            number = self._next_number()
            self._tell(CallStarted(number, self._step.id, open_.place, call.call_id, call.name, call.kind))
        for piece in open_.pieces[open_.told :]:
            self._tell(CallDelta(self._next_number(), self._step.id, open_.place, piece, call.kind))
        open_.told = len(open_.pieces)


class _OpenCall:
    def __init__(self, place: int, call: ToolCall) -> None:
        self.place, self.call = place, call
        self.fragments: list[str] = []
        self.pieces = self.fragments if call.kind == "function" else []
        """What is told of them."""
        self.told = 0
        """How many pieces were told."""
        self._code = CodeScanner() if call.kind == "code_interpreter" else None
        self.announced = False
        self._open_braces = 0
        self._closes = False
        """Whether the last fragment that is not blank ends with a brace."""
        self._checks = 0

    def add(self, fragment: str) -> None:
        self.fragments.append(fragment)
        if self._code is not None:
            self._add_code(self._code.take(fragment))
        self._open_braces += fragment.count("{") - fragment.count("}")
        if text := fragment.rstrip():
            self._closes = text.endswith("}")

    def end(self) -> None:
        """No more is taken."""
        if self._code is not None:
            self._add_code(self._code.end())

    def _add_code(self, code: str) -> None:
        if code:
            self.pieces.append(code)

    def is_whole(self) -> bool:
        """Whether the arguments are readable JSON. Asked once a later call has begun, and then with every fragment.

        The text is read only when it looks whole, and only so often: a model that lets its calls run side by side for
        long must not cost more and more. A call that is not found whole here is told at the end of the turn.
        """
        if not self._closes or self._open_braces > 0 or self._checks == _CHECKS:
            return False
        self._checks += 1
        self._closes = False  # until there is news
        return _is_json("".join(self.fragments))


def _is_json(text: str) -> bool:
    try:
        msgspec.json.decode(text)
    except (msgspec.DecodeError, RecursionError):
        return False
    return True
