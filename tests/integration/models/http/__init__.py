"""Our HTTP client against real sockets, on each event loop that it may run on."""
