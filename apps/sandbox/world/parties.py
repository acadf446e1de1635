"""Sellers, debtors and who buys from whom: drawn once per world, small whatever its size.

A debtor's latent behaviour (delay, disputes, batching, failure) is drawn so that the book's delay
and concentration come out as in `calibration`; the bureau tells a blurred version of the same.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

from apps.sandbox.world.calibration import DELAY
from apps.sandbox.world.countries import COUNTRIES, Country, iban, tax_number
from apps.sandbox.world.names import company_name, person_name
from apps.sandbox.world.parameters import WorldParameters

DISPUTE_RATE = 0.08
_UUID_MASK = ~((0xF << 76) | (0x3 << 62))
_UUID_VERSION = (0x4 << 76) | (0x2 << 62)
_SELLER_COUNTRIES = ("DE", "GB", "US", "FR", "NL", "DE", "GB", "IE", "US", "DE", "ES", "GB", "IT")
_DEBTOR_COUNTRIES = (
    ("DE", 26), ("GB", 24), ("US", 20), ("FR", 10), ("NL", 7), ("IE", 3), ("ES", 3), ("IT", 3),
    ("AT", 2),
)  # fmt: skip
_BASE_DELAY_DAYS = DELAY.mean_days - 3.1
_OWN_SPREAD = 0.69
_SIZE_SPREAD = 1.05
_FAILURE_RATE = 0.05
_OVERSEAS = {8: "JP", 10: "KW"}


@dataclass(frozen=True)
class Address:
    """A street address as people type it."""

    street: str
    city: str
    postal_code: str
    country_name: str


@dataclass(frozen=True)
class Seller:
    """A company that sells its invoices: one organisation in the ERP, one collection account."""

    number: int
    organisation_id: str
    name: str
    country: Country
    tax_id: str
    registration_number: str
    address: Address
    phone: str
    payout_iban: str
    collection_iban: str
    activity: float
    growth_per_year: float
    number_pattern: str
    first_number: int
    is_tax_inclusive: bool


@dataclass(frozen=True)
class Debtor:
    """A company (rarely a person) that buys on credit, with its latent behaviour.

    Attributes:
        size: Weight in the economy; large debtors buy more and from more sellers.
        delay_days: Long-run mean of payment date minus due date.
        delay_sd: Spread of single payments around that mean.
        drift_days: Amplitude of the slow wave in its delay.
        drift_phase: Phase of that wave, radians.
        pays_in_runs: Whether it pays open invoices together on one weekday.
        run_weekday: That weekday, 0 is Monday.
        failed_on: Ordinal of its insolvency, or none.
        has_bureau_file: Whether the bureau knows it.
        is_fake: Whether it exists on paper only; made by a fraud, unknown to the bureau.
    """

    index: int
    name: str
    country: Country
    tax_id: str
    registration_number: str
    duns: str
    address: Address
    phone: str
    email: str
    iban: str
    other_iban: str
    is_person: bool
    person: tuple[str, str]
    registered_on: int
    size: float
    delay_days: float
    delay_sd: float
    drift_days: float
    drift_phase: float
    dispute_rate: float
    pays_in_runs: bool
    run_weekday: int
    failed_on: int | None
    has_bureau_file: bool
    is_fake: bool = False


def stream(parameters: WorldParameters, name: str) -> Random:
    """Return the random stream of one part of a world; each part has its own."""
    return Random(f"{parameters.seed}/{name}")  # noqa: S311 - a simulation must be repeatable


def uuid_from(rng: Random) -> str:
    """Draw a version 4 UUID from the stream."""
    bits = rng.getrandbits(128) & _UUID_MASK | _UUID_VERSION
    text = f"{bits:032x}"
    return f"{text[:8]}-{text[8:12]}-{text[12:16]}-{text[16:20]}-{text[20:]}"


def draw_sellers(parameters: WorldParameters) -> list[Seller]:
    """Draw the sellers; the same seed gives the same ones whatever else is asked."""
    rng = stream(parameters, "sellers")
    taken: set[str] = set()
    return [_seller(rng, number, taken) for number in range(1, parameters.sellers + 1)]


def draw_debtors(parameters: WorldParameters) -> list[Debtor]:
    """Draw the debtors, largest first."""
    rng = stream(parameters, "debtors")
    taken: set[str] = set()
    count = parameters.debtors
    ranks = [(place + 0.5) / count for place in range(count)]
    sizes = [math.exp(_SIZE_SPREAD * NormalDist().inv_cdf(1 - rank)) for rank in ranks]
    delays = _stratified_delays(rng, count)
    return [
        _debtor(rng, parameters, index, sizes[index], delays[index], taken)
        for index in range(count)
    ]


def fake_debtor(rng: Random, index: int, seller: Seller, day: int) -> Debtor:
    """Draw a debtor that exists on paper: young, unknown, with the seller's address and phone."""
    country = seller.country
    name = company_name(rng, country, set())
    return Debtor(
        index=index,
        name=name,
        country=country,
        tax_id=tax_number(rng, country),
        registration_number=f"{rng.randrange(10**8, 10**9)}",
        duns="",
        address=seller.address,
        phone=seller.phone,
        email=_email(name, seller.country),
        iban=iban(rng, country),
        other_iban=seller.payout_iban,
        is_person=False,
        person=person_name(rng),
        registered_on=day - rng.randrange(20, 240),
        size=1.0,
        delay_days=0.0,
        delay_sd=2.0,
        drift_days=0.0,
        drift_phase=0.0,
        dispute_rate=0.0,
        pays_in_runs=False,
        run_weekday=0,
        failed_on=None,
        has_bureau_file=False,
        is_fake=True,
    )


def choose_debtors(
    rng: Random, parameters: WorldParameters, seller: Seller, debtors: list[Debtor]
) -> list[Debtor]:
    """Choose who buys from a seller: neighbours rather than strangers, large rather than small."""
    wanted = min(len(debtors), max(5, round(1.6 * len(debtors) / parameters.sellers) + 1))
    keys = []
    for debtor in debtors:
        same = debtor.country.currency == seller.country.currency
        overseas = debtor.country.code in _OVERSEAS.values()
        pull = debtor.size**0.75 * (1.0 if same else 0.4 if overseas else 0.09)
        keys.append((math.log(1.0 - rng.random()) / pull, debtor.index))
    chosen = sorted(keys, reverse=True)[:wanted]
    return [debtors[index] for _, index in sorted(chosen, key=lambda pair: pair[1])]


def _stratified_delays(rng: Random, count: int) -> list[float]:
    """Spread mean delays evenly over debtors of like size, so that no giant tilts the book."""
    block = 10
    delays: list[float] = []
    while len(delays) < count:
        steps = list(range(block))
        rng.shuffle(steps)
        for step in steps:
            quantile = (step + 0.1 + 0.8 * rng.random()) / block
            spread = DELAY.between_debtors_sd_days * NormalDist().inv_cdf(quantile)
            delays.append(_BASE_DELAY_DAYS + spread)
    return delays[:count]


def _seller(rng: Random, number: int, taken: set[str]) -> Seller:
    country = COUNTRIES[_SELLER_COUNTRIES[(number - 1) % len(_SELLER_COUNTRIES)]]
    name = company_name(rng, country, taken)
    return Seller(
        number=number,
        organisation_id=uuid_from(rng),
        name=name,
        country=country,
        tax_id=tax_number(rng, country),
        registration_number=f"{rng.randrange(10**6, 10**8):08d}",
        address=_address(rng, country),
        phone=_phone(rng),
        payout_iban=iban(rng, country),
        collection_iban=iban(rng, country),
        activity=math.exp(rng.gauss(0, 0.35)),
        growth_per_year=rng.uniform(-0.08, 0.25),
        number_pattern=("INV-{:05d}", "RE{:06d}", "SI-{:05d}", "F{:06d}")[number % 4],
        first_number=rng.randrange(100, 4000),
        is_tax_inclusive=number % 6 == 0,
    )


def _debtor(
    rng: Random, parameters: WorldParameters, index: int, size: float, delay: float, taken: set[str]
) -> Debtor:
    codes, weights = zip(*_DEBTOR_COUNTRIES, strict=True)
    country = COUNTRIES[_OVERSEAS.get(index % 60) or rng.choices(codes, weights)[0]]
    person = person_name(rng)
    is_person = index > 10 and rng.random() < 0.05
    name = f"{person[0]} {person[1]}" if is_person else company_name(rng, country, taken)
    fails = index > 4 and rng.random() < _FAILURE_RATE * (1 + max(delay, 0.0) / 12)
    span = parameters.last_day - parameters.first_day
    return Debtor(
        index=index,
        name=name,
        country=country,
        tax_id=tax_number(rng, country),
        registration_number=f"{rng.randrange(10**6, 10**8):08d}",
        duns=f"{rng.randrange(10**8, 10**9)}",
        address=_address(rng, country),
        phone=_phone(rng),
        email=_email(name, country),
        iban=iban(rng, country),
        other_iban=iban(rng, country),
        is_person=is_person,
        person=person,
        registered_on=parameters.first_day - rng.randrange(400, 12_000),
        size=size,
        delay_days=delay,
        delay_sd=DELAY.within_debtor_sd_days * _OWN_SPREAD * rng.uniform(0.75, 1.25),
        drift_days=rng.uniform(0.0, 4.0),
        drift_phase=rng.uniform(0, 2 * math.pi),
        dispute_rate=DISPUTE_RATE * rng.choice((0.3, 0.6, 1.0, 1.0, 2.1)),
        pays_in_runs=rng.random() < 0.4,
        run_weekday=rng.randrange(5),
        failed_on=parameters.first_day + rng.randrange(span // 4, span) if fails else None,
        has_bureau_file=rng.random() < (0.3 if is_person else 0.95),
    )


def _address(rng: Random, country: Country) -> Address:
    city, postal_code = rng.choice(country.cities)
    return Address(
        street=f"{rng.randrange(1, 180)} {rng.choice(('Mill', 'Station', 'Harbour', 'Park'))} Road",
        city=city,
        postal_code=postal_code,
        country_name=rng.choice(country.names),
    )


def _phone(rng: Random) -> str:
    return f"{rng.randrange(200, 999)} {rng.randrange(10**5, 10**6)}"


def _email(name: str, country: Country) -> str:
    host = "".join(letter for letter in name.lower() if letter.isascii() and letter.isalnum())[:24]
    return f"accounts@{host}.{country.code.lower()}.example"
