"""The one way a document is refused whole: a code for machines and what to change for people."""


class DocumentRefused(Exception):
    """A document cannot be read as it is.

    Attributes:
        reason_code: For quarantine.
        detail: Where it is, what was found there and what to write instead.
    """

    def __init__(self, reason_code: str, detail: str) -> None:
        super().__init__(f"{reason_code}: {detail}")
        self.reason_code = reason_code
        self.detail = detail
