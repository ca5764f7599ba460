"""Tests of the API over real HTTP, with a real provider behind it."""
