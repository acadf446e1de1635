"""One source account to read from: where it is, how to sign in, what to ask for.

A connection arrives with its credentials resolved; nothing in this package looks a secret up.
Secrets are wrapped, so neither ``repr`` nor a log line can show them.

==========  ==================================================  ===============================
system      ``base_url``                                        ``options``
==========  ==================================================  ===============================
``xero``    ``…/api.xro/2.0`` (added when it is missing)        ``xero_tenant_id``, ``scopes``
``dnb``     the host, paths start at ``/v1``                    ``minimum_confidence``
``bank``    the host (and prefix), paths start at ``/v1``       –
``files``   empty                                               ``paths``, ``currency``, ``mapping``
==========  ==================================================  ===============================

Every web system also takes ``requests_per_minute``, ``attempts``, ``deadline_seconds``,
``timeout_seconds`` and ``page_size`` in ``options``.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

System = Literal["xero", "dnb", "bank", "files"]


class Secret(Protocol):
    """A value that shows itself only when asked; ``pydantic.SecretStr`` is one."""

    def get_secret_value(self) -> str:
        """Return the secret itself."""


@dataclass(frozen=True)
class Connection:
    """One account of one tenant at one source.

    Attributes:
        tenant_id: The financier whose book this is.
        connection_id: Ours; stable over the life of the connection.
        system: Which connector speaks to it.
        seller_name: Whose receivables it holds, for people.
        base_url: Root of the API, empty for files.
        token_url: Where tokens come from, empty when none are needed.
        credentials: Named secrets: ``client_id`` and ``client_secret`` (``key`` and ``secret``
            are read as the same pair), ``refresh_token`` where the grant rotates one.
        options: What the connector needs besides; see the table of this module.
        on_refresh_token: Called with each rotated refresh token *before* it is used, since the
            one it replaces is dead by then.
    """

    tenant_id: str
    connection_id: str
    system: System
    seller_name: str = ""
    base_url: str = ""
    token_url: str = ""
    credentials: Mapping[str, Secret] = field(default_factory=dict, repr=False, compare=False)
    options: Mapping[str, Any] = field(default_factory=dict)
    on_refresh_token: Callable[[str], None] | None = field(default=None, repr=False, compare=False)

    def secret(self, *names: str) -> str:
        """Return the first credential found under one of ``names``.

        Raises:
            KeyError: None of them is there; the message names what to provide.
        """
        for name in names:
            if name in self.credentials:
                return self.credentials[name].get_secret_value()
        message = f"connection {self.connection_id} lacks the credential {' or '.join(names)}"
        raise KeyError(message)


@dataclass(frozen=True)
class Subject:
    """A company to ask a bureau about.

    Attributes:
        party_id: Ours; becomes the record id of the match.
        name: Legal name as the ledger of the seller spells it.
        country: ISO 3166 alpha-2, or ``None``.
        registration_number: Tax or register number, or ``None``.
        duns: Known D-U-N-S number; saves the match call.
    """

    tenant_id: str
    party_id: str
    name: str
    country: str | None = None
    registration_number: str | None = None
    duns: str | None = None


Subjects = Sequence[Subject]
