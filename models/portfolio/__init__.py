"""What a book of receivables comes to: outstanding, ageing, payers, collections, totals. Pure."""
