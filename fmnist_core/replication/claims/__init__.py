"""The 27 claims of the five reports as data, and how each is put to the test."""

from fmnist_core.replication.claims import r1, r2, r3, r4, r5
from fmnist_core.replication.claims.claim import Claim

CLAIMS: dict[str, Claim] = {claim.id: claim for part in (r1, r2, r3, r4, r5) for claim in part.CLAIMS}

__all__ = ["CLAIMS", "Claim"]
