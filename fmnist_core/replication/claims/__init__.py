"""The claims of the five reports as data, and how each is put to the test."""

from fmnist_core.replication.claims import r1, r2, r2_classifiers, r3, r4, r5
from fmnist_core.replication.claims.claim import Claim

_IN_ORDER = sorted(
    (claim for part in (r1, r2, r2_classifiers, r3, r4, r5) for claim in part.CLAIMS),
    key=lambda claim: int(claim.id[1:]),
)
CLAIMS: dict[str, Claim] = {claim.id: claim for claim in _IN_ORDER}

__all__ = ["CLAIMS", "Claim"]
