"""What hindered us, as the log says it."""


def told(fault: Exception) -> str:
    """Return what a fault says of itself, or else what it is."""
    if isinstance(fault, OSError) and fault.errno == -1:  # uvloop's, of a process that finds no room for its pipes
        return "the system gives no pipes or no process; most likely, too many files are open"
    return str(fault) or type(fault).__name__
