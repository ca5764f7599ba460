"""Durable work. A table of jobs and one worker on it; a cluster will bring an engine of its own."""

from retinue.jobs.base import Handler, JobTable, NotNow

__all__ = ["Handler", "JobTable", "NotNow"]
