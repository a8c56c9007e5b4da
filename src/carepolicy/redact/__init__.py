"""Redaction: a handover as a reader of a role may see it; free text as far as patterns find, and it says so."""

from carepolicy.redact.applying import redacted
from carepolicy.redact.detectors import Detector, Found, usual_detectors
from carepolicy.redact.free_text import redacted_text
from carepolicy.redact.sight import RedactionPolicy, Sight

__all__ = ["Detector", "Found", "RedactionPolicy", "Sight", "redacted", "redacted_text", "usual_detectors"]
