"""Scheduled reports: frames in, PDF and Excel bytes out."""
