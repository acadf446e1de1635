"""The live path: one submitted invoice from the command to the committed decision."""
