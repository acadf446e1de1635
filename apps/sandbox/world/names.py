"""Names of companies, people and goods, and the ways other parties misspell them."""

from __future__ import annotations

import unicodedata
from random import Random

from apps.sandbox.world.countries import Country

_STEMS = (
    "Albrecht", "Ashdown", "Aldermoor", "Bergström", "Bellamy", "Birkenau", "Brightwater",
    "Calder", "Castellan", "Corvin", "Dahlmann", "Delacroix", "Drayton", "Eastgate", "Eldridge",
    "Falkner", "Fenwick", "Fontaine", "Garrison", "Gerlach", "Greystone", "Hallam", "Harkness",
    "Holloway", "Ibarra", "Ingram", "Jansen", "Jürgens", "Kestrel", "Kirchner", "Köhler",
    "Lacombe", "Langley", "Lindqvist", "Marchetti", "Meridian", "Monteverde", "Müller",
    "Northcote", "Novak", "Oakfield", "Okafor", "Pemberton", "Perrin", "Quillon", "Radcliffe",
    "Reinhardt", "Rossetti", "Sandoval", "Schäfer", "Silverton", "Stanhope", "Tamworth",
    "Thornbury", "Ullmann", "Vandermeer", "Varela", "Wexford", "Whitlock", "Zellweger",
)  # fmt: skip
_TRADES = (
    "Building Supplies", "Components", "Distribution", "Electrical", "Engineering", "Fasteners",
    "Foods", "Freight", "Glassworks", "Hydraulics", "Industrial", "Instruments", "Joinery",
    "Labels", "Logistics", "Machinery", "Marine", "Medical", "Packaging", "Paper", "Plastics",
    "Precision", "Print", "Refrigeration", "Retail", "Staffing", "Steel", "Textiles", "Timber",
    "Tooling", "Trading", "Valves", "Wholesale",
)  # fmt: skip
_FIRST_NAMES = (
    "Anna", "Ben", "Clara", "David", "Elena", "Frank", "Greta", "Henry", "Ines", "Jonas",
    "Katrin", "Louis", "Maria", "Niamh", "Oscar", "Paula", "Rosa", "Simon", "Teresa", "Victor",
)  # fmt: skip
_GOODS = (
    "Delivery of goods", "Spare parts", "Assembly work", "Packaging material", "Transport",
    "Machined parts", "Maintenance", "Raw material", "Fittings", "Project work", "Consumables",
)  # fmt: skip
_ABBREVIATIONS = {
    "Building Supplies": "BLDG SUPP", "Components": "COMP", "Distribution": "DISTR",
    "Engineering": "ENG", "Industrial": "IND", "Logistics": "LOG", "Machinery": "MACH",
    "Packaging": "PACK", "Trading": "TRDG", "Wholesale": "WHSLE", "Refrigeration": "REFRIG",
}  # fmt: skip
_UMLAUTS = str.maketrans({"ä": "ae", "ö": "oe", "ü": "ue", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"})


def company_name(rng: Random, country: Country, taken: set[str]) -> str:
    """Draw a company name nobody has yet and remember it in `taken`."""
    for attempt in range(1_000_000):
        stem = rng.choice(_STEMS)
        if attempt > 3 or rng.random() < 0.25:
            stem = f"{stem} {rng.choice('&–')} {rng.choice(_STEMS)}".replace("–", "&")
        district = f" {rng.randrange(2, 9000)}" if attempt > 12 else ""
        stem_and_trade = f"{stem} {rng.choice(_TRADES)}{district}"
        if stem_and_trade not in taken:
            taken.add(stem_and_trade)
            return f"{stem_and_trade} {rng.choice(country.legal_forms)}"
    raise ValueError("no company name is left to give")


def person_name(rng: Random) -> tuple[str, str]:
    """Draw a first and a last name."""
    return rng.choice(_FIRST_NAMES), rng.choice(_STEMS)


def goods(rng: Random) -> str:
    """Draw what an invoice line charges for."""
    return rng.choice(_GOODS)


def misspelt(rng: Random, name: str) -> str:
    """Return the name as another company's clerk typed it; often unchanged."""
    roll = rng.random()
    if roll < 0.55:
        return name
    if roll < 0.70:
        return name.translate(_UMLAUTS)
    if roll < 0.80:
        return name.upper()
    if roll < 0.90:
        return name.replace(" & ", " and ").replace("Limited", "Ltd.").replace("GmbH", "Gmbh")
    return name.rsplit(" ", 1)[0] if name.count(" ") > 1 else name


def bank_name(rng: Random, name: str) -> str:
    """Return the payer's name as it stands on a bank statement: upper case, cut, abbreviated."""
    short = name.translate(_UMLAUTS)
    for word, abbreviation in _ABBREVIATIONS.items():
        short = short.replace(word, abbreviation)
    plain = unicodedata.normalize("NFKD", short).encode("ascii", "ignore").decode().upper()
    roll = rng.random()
    if roll < 0.35:
        return plain[:35]
    if roll < 0.70:
        return plain[:22].rstrip()
    return " ".join(word for word in plain.split() if word not in {"&", "GMBH", "LTD", "CO."})[:27]
