"""What to say to whom: bank submission, payment order, notice."""
