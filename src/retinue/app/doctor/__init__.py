"""Looks over what a server needs on this machine, and says of what is missing what to do."""

from retinue.app.doctor.examine import examine
from retinue.app.doctor.finding import Finding, State

__all__ = ["Finding", "State", "examine"]
