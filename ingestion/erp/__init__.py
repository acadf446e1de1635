"""Connectors of accounting systems, one module per system."""
