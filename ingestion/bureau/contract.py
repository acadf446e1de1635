"""What an arriving batch of a bureau promises; see ``ingestion.expectations``."""

from ingestion.expectations import Suite, between, count, like, suite, text, whole

_ASSESSMENT = "organization.dnbAssessment"

SUITES: tuple[Suite, ...] = (
    suite(
        "dnb",
        "matches",
        {
            "candidates": count("matchCandidates"),
            "confidence": whole("matchCandidates[0].matchQualityInformation.confidenceCode"),
        },
        between("candidates", 0, 50),
        between("confidence", 0, 10),
    ),
    suite(
        "dnb",
        "reports",
        {
            "duns": text("organization.duns"),
            "blocks": count("blockStatus"),
            "paydex": whole("organization.businessTrading[0].summary[0].paydexScore"),
            "failure_class": whole(f"{_ASSESSMENT}.failureScore.classScore"),
            "failure_percentile": whole(f"{_ASSESSMENT}.failureScore.nationalPercentile"),
            "delinquency_percentile": whole(f"{_ASSESSMENT}.delinquencyScore.nationalPercentile"),
        },
        like("duns", r"^\d{9}$"),
        between("blocks", 1, None),
        between("paydex", 0, 100),
        between("failure_class", 0, 5),
        between("failure_percentile", 0, 100),
        between("delinquency_percentile", 0, 100),
    ),
)
