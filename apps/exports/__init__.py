"""Extracts for BI tools: published marts to Postgres or files."""
