"""Connectors of credit bureaus, one module per bureau."""
