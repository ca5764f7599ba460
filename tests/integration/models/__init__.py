"""Tests of models, against real providers by script."""
