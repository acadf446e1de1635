"""The API: client systems and counterparts speak, and what they say becomes a command.

`webhooks` is the door for the bank's signed events, `signatures` checks them.
"""
