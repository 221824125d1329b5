"""Subjects and domains of MMMU and MMMU-Pro."""

from __future__ import annotations

import re

DOMAINS: dict[str, tuple[str, ...]] = {
    "Art and Design": ("Art", "Art_Theory", "Design", "Music"),
    "Business": ("Accounting", "Economics", "Finance", "Manage", "Marketing"),
    "Science": ("Biology", "Chemistry", "Geography", "Math", "Physics"),
    "Health and Medicine": (
        "Basic_Medical_Science",
        "Clinical_Medicine",
        "Diagnostics_and_Laboratory_Medicine",
        "Pharmacy",
        "Public_Health",
    ),
    "Humanities and Social Science": ("History", "Literature", "Psychology", "Sociology"),
    "Tech and Engineering": (
        "Agriculture",
        "Architecture_and_Engineering",
        "Computer_Science",
        "Electronics",
        "Energy_and_Power",
        "Materials",
        "Mechanical_Engineering",
    ),
}
_DOMAIN_OF = {subject: domain for domain, subjects in DOMAINS.items() for subject in subjects}
_ID = re.compile(r"(?:dev|validation|test)_(\w+)_\d+")


def subject_of(record_id: str) -> str:
    """`validation_Art_Theory_12` -> `Art_Theory`. Raises ValueError for an id of another form."""
    match = _ID.fullmatch(record_id)
    if match is None:
        raise ValueError(f"an MMMU id must read split_Subject_number, got {record_id!r}")
    return match[1]


def domain_of(subject: str) -> str:
    """The domain of a subject. Raises ValueError for an unknown one."""
    if subject not in _DOMAIN_OF:
        raise ValueError(f"unknown MMMU subject {subject!r}; known: {', '.join(sorted(_DOMAIN_OF))}")
    return _DOMAIN_OF[subject]
