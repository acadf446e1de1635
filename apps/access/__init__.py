"""Who may see what: users, roles and row filters, in one place."""
