"""Reports: a snapshot and the ledger in, a PDF and a workbook out, every figure traceable.

`document` says what a report is made of, `pdf` and `workbook` render it, `monthly_compliance`
collects and renders the scheduled one.
"""
