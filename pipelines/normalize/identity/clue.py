"""Clues: texts of a document that say something of who reports, each with the place where it stood."""

from dataclasses import dataclass

from schemas.agency import load_evidence_weights
from schemas.vocabulary import EvidenceSource, EvidenceSubject

# Sources that tell a region and never the agency itself.
_REGION_ONLY = frozenset(
    {
        *(EvidenceSource.FOLDER, EvidenceSource.SOURCE, EvidenceSource.CONTACT),
        *(EvidenceSource.SITE_CODE, EvidenceSource.SITE_DOMAIN),
        *(EvidenceSource.POLICE_FILING, EvidenceSource.ICP_FILING),
    }
)


@dataclass(frozen=True, slots=True)
class Clue:
    """A text that says something of who reports, and where it stood."""

    source: EvidenceSource
    text: str

    @property
    def names_agency(self) -> bool:
        """Whether the text can be the agency's name; otherwise it only tells a region (a path, a site's name)."""
        return self.source not in _REGION_ONLY

    @property
    def weight(self) -> int:
        """How much is believed of it; a person's own decision has no weight to compare."""
        return load_evidence_weights(EvidenceSubject.AGENCY).get(self.source, 0)
