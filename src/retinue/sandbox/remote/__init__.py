"""Sessions of another machine, or of another kernel: a door over a sandbox, and its client."""
