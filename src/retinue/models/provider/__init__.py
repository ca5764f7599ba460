"""A provider that is asked until it answers, and left alone while it is down."""
