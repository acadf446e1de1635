"""Ports of this machine: whether one is free, asked before anything is started on it."""

from __future__ import annotations

import socket


def is_free(host: str, port: int) -> bool:
    """Tell whether nothing listens on a port."""
    with socket.socket(socket.AF_INET, socket.SOCK_STREAM) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError:
            return False
    return True
