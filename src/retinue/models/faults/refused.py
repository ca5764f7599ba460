"""A relayed request that was refused: for the caller to read in the end, and until then a fault as any other."""

from retinue.core.errors import ModelFault
from retinue.models.relay import Relayed


class Refused(ModelFault):
    """A relayed request was refused; `answer` is the refusal, for the caller to read."""

    def __init__(self, answer: Relayed, fault: ModelFault) -> None:
        super().__init__(fault.message, code=fault.run_code, blame=fault.blame, retry_after_s=fault.retry_after_s)
        self.answer = answer
