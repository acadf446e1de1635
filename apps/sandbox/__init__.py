"""A stand-in economy behind real HTTP: ERP, bureau, bank, mail and webhook counterparts.

Imports nothing else of this project: a stand-in that shares code with its client proves nothing.
"""
