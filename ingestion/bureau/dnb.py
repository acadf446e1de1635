"""dnb."""

from ingestion.connection import Connection
from ingestion.source import Entity

REQUESTS_PER_MINUTE = 300
ENTITIES: tuple[Entity, ...] = ()


def prepared(connection: Connection) -> Connection:
    """Return the connection."""
    return connection
