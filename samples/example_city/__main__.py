"""`python -m samples.example_city [INBOX]`: write the files of the example city into an inbox.

Belongs here: the list of subjects and writing. Does not belong here: what a file holds.
"""

from __future__ import annotations

import sys
from pathlib import Path

from samples.example_city import economy, environment, inspections, registers, returns
from samples.example_city.files import PREFIX, ExampleFile

INBOX = Path(__file__).parent.parent / "inbox"


def example_files() -> list[ExampleFile]:
    """Every file of the example city."""
    return [file for part in (returns, registers, inspections, environment, economy) for file in part.files()]


def write(inbox: Path) -> list[Path]:
    """Write every file below `inbox`, and take away generated files that are no longer made."""
    made = {inbox / file.path: file.content() for file in example_files()}
    for stale in set(inbox.glob(f"*/{PREFIX}*.csv")) - set(made):
        stale.unlink()
    for path, content in made.items():
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content)
    return list(made)


if __name__ == "__main__":
    paths = write(Path(sys.argv[1]) if len(sys.argv) > 1 else INBOX)
    print(f"wrote {len(paths)} files, {sum(path.stat().st_size for path in paths):,} bytes")
