"""Retinue as its users meet it: the real command, real sockets, the official clients."""
