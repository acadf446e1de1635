"""`ifp assess`: one file of receivables in a warehouse of its own, and what it is worth."""
