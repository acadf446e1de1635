"""Point-in-time features, one module per family."""
