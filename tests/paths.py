"""Where tests find the project's files, and the published cases that lie beside it."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
DOCS = ROOT / "docs"
SHARED = ROOT.parent / "shared"
MAST_OPEN = SHARED / "mast-open"
LABELLED = ROOT / "tests" / "evaluation" / "labelled"
