"""The rehearsal model: built in, without key or network, deterministic; it is no language model and says so."""

from retinue.models.rehearsal.model import Rehearsal
from retinue.models.rehearsal.script import Script, load_script

__all__ = ["Rehearsal", "Script", "load_script"]
