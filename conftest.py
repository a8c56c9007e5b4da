"""What every test shares: hypothesis profiles, and examples in docstrings, README and docs as tests.

In Markdown, a ```python block is run: as a doctest if it has `>>>`, else as it stands. One page is one namespace, and
the working directory is the top of the repository. `<!-- skip: next -->` leaves the next block out.
"""

from __future__ import annotations

import os
from doctest import ELLIPSIS

from hypothesis import HealthCheck, settings
from sybil import Sybil
from sybil.parsers.doctest import DocTestParser
from sybil.parsers.myst import PythonCodeBlockParser, SkipParser

settings.register_profile("dev", deadline=None, max_examples=50, suppress_health_check=[HealthCheck.too_slow])
settings.register_profile("ci", settings.get_profile("dev"), max_examples=150, derandomize=True, print_blob=True)
settings.register_profile("deep", settings.get_profile("dev"), max_examples=5000)
settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE") or ("ci" if os.environ.get("CI") else "dev"))

_pages = Sybil(
    parsers=[PythonCodeBlockParser(doctest_optionflags=ELLIPSIS), SkipParser()],
    patterns=["README.md", "docs/**/*.md", "docs/*.md"],
    excludes=["docs/_build/**"],
)
_docstrings = Sybil(parsers=[DocTestParser(ELLIPSIS)], patterns=["src/*/*.py", "src/*/*/*.py"])

pytest_collect_file = (_pages + _docstrings).pytest()
