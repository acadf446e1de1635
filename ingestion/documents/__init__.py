"""Files people send: receivables lists as CSV or Excel."""
