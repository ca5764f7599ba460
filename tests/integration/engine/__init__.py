"""Tests of the engine over a real database and scripted models."""
