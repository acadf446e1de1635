"""Exports for BI tools: the published marts, moved and never computed again."""
