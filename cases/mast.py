"""The published NOHARM layout, read and written exactly: rubrics/ID.json and items.jsonl."""

import json
from pathlib import Path
from typing import Any

from primum.cases.check import require_valid, require_whole
from primum.cases.errors import DataError
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata
from primum.cases.reading import parse_json, read_text

NOHARM = SuiteInfo(
    name="noharm",
    licence="CC-BY-4.0 (data), Copyright (c) 2026 ARISE Network",
    citation="First, do NOHARM (arXiv 2512.01241); github.com/ARISENetwork/mast",
    notice="NOHARM cases, CC-BY-4.0, ARISE Network; cite arXiv 2512.01241.",
)
BASELINE = "baseline"
OURS = {"reason", "guideline"}


def dataset_of(folder: Path) -> Path | None:
    """The folder that holds rubrics/, in a dataset, a benchmark folder or a clone; None if none."""
    for inner in ("", "dataset", "benchmarks/donoharm/dataset", "donoharm/dataset"):
        if (folder / inner / "rubrics").is_dir():
            return folder / inner
    return None


def read_mast(folder: Path) -> Suite:
    """A suite from a folder in the published layout.

    Closed items, whose rubrics are not published, are left out.

    Raises:
        DataError: the first thing that is wrong, with file, line and field.
    """
    dataset = dataset_of(folder)
    if dataset is None:
        raise DataError(
            f"{folder}: no suite in it; expected dataset/rubrics/*.json or a .jsonl file"
        )
    rubrics: dict[str, tuple[Case, str]] = {}
    for path in sorted((dataset / "rubrics").glob("*.json")):
        text = read_text(path)
        case = parse_json(Case, text, path)
        require_valid(case, text, path, 1)
        if case.id != path.stem:
            raise DataError(f"{path}:1: id: {case.id} is not the file's name; rename one of them")
        rubrics[case.id] = (case, f"{path}:1")
    items = _read_items(dataset / "items.jsonl", rubrics)
    variants = [(item, at) for item, at in items if item.metadata.category != BASELINE]
    order = [
        item.id for item, _ in items if item.id in rubrics and item.metadata.base_id == item.id
    ]
    order += [case_id for case_id in rubrics if case_id not in order]
    cases = [rubrics[case_id] for case_id in order]
    require_whole(cases, variants, dataset / "rubrics")
    return Suite(
        info=NOHARM,
        cases=tuple(case for case, _ in cases),
        variants=tuple(item for item, _ in variants),
    )


def write_mast(suite: Suite, folder: Path) -> None:
    """Write a suite in the published layout; reasons and guidelines are not part of it."""
    rubrics = folder / "dataset" / "rubrics"
    rubrics.mkdir(parents=True, exist_ok=True)
    for case in suite.cases:
        found = case.model_dump(
            by_alias=True, exclude_unset=True, mode="json", exclude={"options": {"__all__": OURS}}
        )
        text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
        (rubrics / f"{case.id}.json").write_text(text, encoding="utf-8")
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in _items(suite)]
    (folder / "dataset" / "items.jsonl").write_text("".join(lines), encoding="utf-8")


def _items(suite: Suite) -> list[dict[str, Any]]:
    by_id = {variant.id: variant for variant in suite.variants}
    found = []
    for task in suite.tasks():
        item = by_id.get(task.id) or Variant(
            id=task.id,
            prompt=task.presentation,
            metadata=VariantMetadata(base_id=task.id, category=BASELINE, open=task.case.open),
        )
        found.append(item.model_dump(by_alias=True))
    return found


def _read_items(path: Path, rubrics: dict[str, tuple[Case, str]]) -> list[tuple[Variant, str]]:
    if not path.exists():
        return []
    items = []
    for number, text in enumerate(read_text(path).split("\n"), 1):
        if not text.strip():
            continue
        item = parse_json(Variant, text, path, number)
        base = rubrics.get(item.metadata.base_id)
        if base is None and not item.metadata.open:
            continue
        if base and item.metadata.category == BASELINE and item.prompt != base[0].case.presentation:
            raise DataError(f"{path}:{number}: prompt: differs from the presentation in {base[1]}")
        items.append((item, f"{path}:{number}"))
    return items
