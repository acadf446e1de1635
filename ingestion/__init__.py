"""SOURCES → RAW: connectors, transport and landing. Runs without Dagster."""
