"""The catalogue of reason codes: stable code, group, and the text people read.

R1xx eligibility (the rules of DOMAIN section 2.2), R2xx validity of the receivable, R3xx payment
behaviour and bureau, R4xx parties, R5xx limits, R6xx the outcome itself. ``{value}`` and
``{threshold}`` are filled in. Texts never tell of screening or suspicion beyond the stated fact.
"""

from __future__ import annotations

from models.domain.outcomes import Reason, Scalar

CATALOGUE: dict[str, tuple[str, str]] = {
    "R101": ("eligibility", "Receivable is older than the permitted age"),
    "R102": ("eligibility", "Receivable is not open or not ours to finance"),
    "R104": ("eligibility", "Old credit balance is left out of the netting"),
    "R105": ("eligibility", "Too much of this customer's balance is aged"),
    "R106": ("eligibility", "Customer is affiliated with the seller"),
    "R108": ("eligibility", "Customer's country is not covered"),
    "R109": ("eligibility", "Seller also owes money to this customer"),
    "R110": ("eligibility", "Receivable is disputed"),
    "R113": ("eligibility", "Payment terms of {value} days exceed {threshold} days"),
    "R114": ("eligibility", "Customer is insolvent or out of business"),
    "R115": ("eligibility", "Currency {value} is not supported"),
    "R116": ("eligibility", "Due date is before the invoice date"),
    "R117": ("eligibility", "Customer's share of the book exceeds the concentration limit"),
    "R120": ("eligibility", "Due date is past or too near: {value} days, {threshold} needed"),
    "R201": ("validity", "The same receivable is already on record"),
    "R204": ("validity", "Invoice number repeats another invoice of this customer"),
    "R205": ("validity", "Amount and date repeat another invoice of this customer"),
    "R206": ("validity", "Number, amount and date repeat another invoice of this customer"),
    "R301": ("score", "Limited payment history with this customer"),
    "R302": ("score", "Customer often pays after the due date"),
    "R303": ("score", "Customer has other invoices past due"),
    "R304": ("score", "Customer takes long to pay"),
    "R305": ("score", "Customer pays on average {value} days late"),
    "R306": ("score", "Customer's payments are getting later"),
    "R307": ("score", "Credit report shows a raised risk of failure"),
    "R308": ("score", "Credit report shows slow payment to others"),
    "R309": ("score", "Customer's most recent payments were late"),
    "R310": ("score", "Amount is unusual for this customer"),
    "R311": ("score", "Customers of this seller often pay late"),
    "R312": ("score", "Terms and due date of this invoice"),
    "R313": ("score", "Payment dates of this customer vary widely"),
    "R401": ("identity", "Seller is not fully identified"),
    "R403": ("identity", "Customer is not fully identified"),
    "R404": ("identity", "Customer is a natural person: a person has to look at this"),
    "R501": ("limits", "Seller's line does not cover the advance"),
    "R502": ("limits", "Customer's limit does not cover the advance"),
    "R503": ("limits", "Invoice is larger than any single invoice may be"),
    "R504": ("limits", "Amount is above what may be approved without a person"),
    "R505": ("limits", "Group limit does not cover the advance"),
    "R601": ("outcome", "Risk grade {value} needs a person's decision"),
    "R602": ("outcome", "Risk grade {value} is outside the policy"),
    "R603": ("outcome", "Advance rate would be uneconomic"),
    "R604": ("outcome", "Two models disagree on this receivable"),
    "R605": ("outcome", "History is too short for this amount"),
    "R606": ("outcome", "A check could not be computed"),
    "R607": ("outcome", "Nothing of the receivable is eligible"),
}
"""Code to group and text."""


def reason(code: str, rank: int, value: Scalar = None, threshold: Scalar = None) -> Reason:
    """Compose a reason from the catalogue."""
    group, text = CATALOGUE[code]
    if "{" in text:
        text = text.format(value=value, threshold=threshold)
    return Reason(code, text, group, rank, value, threshold)
