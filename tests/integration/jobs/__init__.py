"""The embedded worker over a real table of jobs."""
