"""Per country: currency, value added tax, forms of tax numbers and bank accounts.

Account numbers carry valid IBAN check digits; tax numbers have the right shape, not a real owner.
"""

from __future__ import annotations

from dataclasses import dataclass
from random import Random


@dataclass(frozen=True)
class Country:
    """What a party's country decides about its documents.

    Attributes:
        code: ISO 3166 alpha-2.
        names: Ways people write the country in an address.
        currency: ISO 4217 code of the home currency.
        vat_percent: Standard rate charged on domestic sales.
        legal_forms: Endings of company names.
        tax_shape: Tax number pattern; 9 stands for a digit, L for a letter.
        iban_shape: What follows the check digits; empty where accounts are held abroad.
        cities: Places with a postal code.
        xero_version: Regional edition of the ledger software.
        timezone: Time zone name the ledger software uses.
    """

    code: str
    names: tuple[str, ...]
    currency: str
    vat_percent: int
    legal_forms: tuple[str, ...]
    tax_shape: str
    iban_shape: str
    cities: tuple[tuple[str, str], ...]
    xero_version: str = "GLOBAL"
    timezone: str = "WEUROPESTANDARDTIME"


COUNTRIES: dict[str, Country] = {
    country.code: country
    for country in (
        Country(
            "DE", ("Germany", "Deutschland", "DE"), "EUR", 19,
            ("GmbH", "GmbH & Co. KG", "AG", "UG (haftungsbeschränkt)"), "DE999999999",
            "9" * 18, (("Hamburg", "20095"), ("München", "80331"), ("Köln", "50667")),
        ),
        Country(
            "GB", ("United Kingdom", "UK", "Great Britain"), "GBP", 20,
            ("Ltd", "Limited", "PLC", "LLP"), "GB999999999", "LLLL" + "9" * 14,
            (("Leeds", "LS1 4AP"), ("Bristol", "BS1 5TR"), ("London", "EC2A 3LT")),
            "UK", "GMTSTANDARDTIME",
        ),
        Country(
            "US", ("United States", "USA", "US"), "USD", 0,
            ("Inc.", "LLC", "Corp.", "Co."), "99-9999999", "",
            (("Columbus", "43215"), ("Denver", "80202"), ("Austin", "78701")),
            "US", "EASTERNSTANDARDTIME",
        ),
        Country(
            "FR", ("France", "FRANCE"), "EUR", 20, ("SAS", "SARL", "S.A."), "FR99999999999",
            "9" * 23, (("Lyon", "69002"), ("Nantes", "44000"), ("Paris", "75009")),
            timezone="ROMANCESTANDARDTIME",
        ),
        Country(
            "NL", ("Netherlands", "Nederland", "The Netherlands"), "EUR", 21, ("B.V.", "N.V."),
            "NL999999999B99", "LLLL" + "9" * 10,
            (("Rotterdam", "3011 AA"), ("Utrecht", "3511 LX")),
        ),
        Country(
            "IE", ("Ireland", "Republic of Ireland"), "EUR", 23, ("Ltd", "DAC"), "IE9999999L",
            "LLLL" + "9" * 14, (("Dublin", "D02 X285"), ("Cork", "T12 W8KP")),
            timezone="GMTSTANDARDTIME",
        ),
        Country(
            "ES", ("Spain", "España"), "EUR", 21, ("S.L.", "S.A."), "ESL99999999", "9" * 20,
            (("Madrid", "28013"), ("Valencia", "46002")), timezone="ROMANCESTANDARDTIME",
        ),
        Country(
            "IT", ("Italy", "Italia"), "EUR", 22, ("S.r.l.", "S.p.A."), "IT99999999999",
            "L" + "9" * 22, (("Torino", "10121"), ("Bologna", "40121")),
        ),
        Country(
            "AT", ("Austria", "Österreich"), "EUR", 20, ("GmbH", "AG"), "ATU99999999", "9" * 16,
            (("Wien", "1010"), ("Graz", "8010")),
        ),
        Country(
            "JP", ("Japan",), "JPY", 0, ("K.K.", "Co., Ltd."), "T9999999999999", "",
            (("Osaka", "530-0001"), ("Nagoya", "450-0002")), timezone="TOKYOSTANDARDTIME",
        ),
        Country(
            "KW", ("Kuwait",), "KWD", 0, ("W.L.L.", "K.S.C."), "KW9999999", "LLLL" + "9" * 22,
            (("Kuwait City", "13001"),), timezone="ARABSTANDARDTIME",
        ),
    )
}  # fmt: skip

_ACCOUNTS_ABROAD = "GB"
_BANKS = ("NORD", "ALBA", "MERX", "FIDE", "CIVI", "TERR")
_LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ"


def tax_number(rng: Random, country: Country) -> str:
    """Draw a tax number in the country's shape."""
    return _fill(rng, country.tax_shape, len(country.code) if country.tax_shape[0] != "9" else 0)


def iban(rng: Random, country: Country) -> str:
    """Draw an account number with valid check digits; countries without IBAN bank in Britain."""
    home = country if country.iban_shape else COUNTRIES[_ACCOUNTS_ABROAD]
    shape = home.iban_shape
    bank = rng.choice(_BANKS) if shape.startswith("LLLL") else ""
    body = bank + _fill(rng, shape[len(bank) :], 0)
    return f"{home.code}{_check_digits(home.code, body):02d}{body}"


def is_valid_iban(text: str) -> bool:
    """Tell whether the text has the form and the check digits of an IBAN."""
    if not (15 <= len(text) <= 34 and text.isascii() and text.isalnum() and text[:2].isalpha()):
        return False
    return int(_digits(text[4:] + text[:4])) % 97 == 1


def _check_digits(code: str, body: str) -> int:
    return 98 - int(_digits(f"{body}{code}00")) % 97


def _digits(text: str) -> str:
    return "".join(str(int(character, 36)) for character in text)


def _fill(rng: Random, shape: str, literal: int) -> str:
    head, tail = shape[:literal], shape[literal:]
    drawn = (
        rng.choice(_LETTERS) if mark == "L" else str(rng.randrange(10)) if mark == "9" else mark
        for mark in tail
    )
    return head + "".join(drawn)
