"""The vocabulary every stage shares: money, identity, outcomes, errors."""
