"""The finished parts of a long job, in a folder beside its result: what a run that was killed leaves to the next."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from functools import cached_property
from hashlib import blake2b
from pathlib import Path
from typing import BinaryIO
from uuid import uuid4

import attrs

from carepolicy.errors import InvalidTableError

_JOB, _PART, _UNFINISHED = "job.json", ".part", ".unfinished"


@attrs.frozen(slots=False)
class Parts:
    """The parts of one job.

    A part has its name only when it is whole, and the name says of which job: a run may be killed at any moment, and
    two that write beside each other never mix.

    Args:
        result: The file that they become.
        job: Everything that the result depends on, by name.
    """

    result: Path
    job: Mapping[str, object]

    @property
    def folder(self) -> Path:
        """Where they are."""
        return self.result.with_name(f"{self.result.name}.parts")

    @cached_property
    def stamp(self) -> str:
        """A stamp of the job: equal jobs have equal stamps."""
        return blake2b(self._text.encode(), digest_size=8).hexdigest()

    @property
    def _text(self) -> str:
        return json.dumps(self.job, indent=1, sort_keys=True)

    def path(self, number: int) -> Path:
        """The file of a part."""
        return self.folder / f"{self.stamp}-{number:06}{_PART}"

    def begin(self) -> list[str]:
        """Make the folder ready, and discard what belongs to another job.

        Returns:
            What that job differed in, if it left parts.

        Raises:
            InvalidTableError: If the folder holds what no job wrote.
        """
        self.folder.mkdir(exist_ok=True)
        found = self._files()
        others = [path for path in found if path.suffix == _PART and not path.name.startswith(f"{self.stamp}-")]
        differs = self._differs() if others else []
        for path in (*others, *(path for path in found if path.suffix == _UNFINISHED)):
            path.unlink()
        with self.writing(self.folder / _JOB) as stream:
            stream.write(self._text.encode())
        return differs

    def _files(self) -> list[Path]:
        """What is in the folder, the name of the job last.

        Raises:
            InvalidTableError: If it holds what no job wrote.
        """
        found = sorted(self.folder.iterdir())
        strange = [path.name for path in found if path.name != _JOB and path.suffix not in (_PART, _UNFINISHED)]
        if strange:
            raise InvalidTableError(
                f"folder for parts holds something else: {str(self.folder)!r}, {strange[0]!r}; move it, or write the "
                "output elsewhere"
            )
        return found

    def _differs(self) -> list[str]:
        """In what the job that was here before differed."""
        before, now = json.loads((self.folder / _JOB).read_text(encoding="utf-8")), json.loads(self._text)
        return [name for name in self.job if before.get(name) != now[name]]

    def done(self) -> int:
        """How many parts there are, from the first on without a gap."""
        number = 0
        while self.path(number).exists():
            number += 1
        return number

    @contextmanager
    def writing(self, path: Path) -> Iterator[BinaryIO]:
        """A file that is there as a whole or not at all."""
        unfinished = self.folder / f"{uuid4().hex}{_UNFINISHED}"
        try:
            with unfinished.open("xb") as stream:
                yield stream
                stream.flush()
                os.fsync(stream.fileno())
            unfinished.replace(path)
        finally:
            unfinished.unlink(missing_ok=True)

    def remove(self) -> None:
        """Remove the folder with all that is in it, as far as it is there.

        Raises:
            InvalidTableError: If it holds what no job wrote.
        """
        if self.folder.exists():
            for path in self._files():
                path.unlink()
            self.folder.rmdir()
