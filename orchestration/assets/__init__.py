"""Assets by stage, from raw to audit."""
