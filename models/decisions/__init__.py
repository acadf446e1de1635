"""Ordered checks, policy as data, and the outcome with its reasons."""
