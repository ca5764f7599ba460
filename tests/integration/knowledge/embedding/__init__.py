"""Tests of embedding, with the shipped model and providers by script."""
