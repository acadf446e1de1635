"""The simulated economy: who trades with whom, what is billed, how it is paid, and what is false.

```
parameters → parties → billing → settlement → documents → storage
                          └ frauds (answer key)   └ receipts → bank transactions
```

Everything follows from one seed; one seller is simulated at a time, so memory stays flat.
"""
