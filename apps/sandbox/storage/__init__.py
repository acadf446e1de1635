"""The world on disk: one SQLite file that the simulation writes and the counterparts serve from."""
