"""A provider's HTTP side: address and login, requests, time-outs, event streams, refusals."""
