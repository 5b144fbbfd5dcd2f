"""Reader and writer of the published NOHARM layout: rubrics/ID.json and items.jsonl."""

import json
from pathlib import Path
from typing import Any

from primum.cases.check import require_complete_key, require_valid
from primum.cases.model import Case, Suite, SuiteInfo, Variant, VariantMetadata, name_from
from primum.core.documents import line_of, parse_json, read_text
from primum.core.errors import DataError

PUBLISHED = SuiteInfo(
    name="noharm",
    licence="NOHARM's own cases: CC-BY-4.0, Copyright (c) 2026 ARISE Network",
    citation="First, do NOHARM (arXiv 2512.01241); github.com/ARISENetwork/mast",
    notice="Cases in the published NOHARM layout; NOHARM's own are CC-BY-4.0, ARISE Network: "
    "cite arXiv 2512.01241.",
)
BASELINE = "baseline"
ABOUT = "suite.json"  # not part of the published layout: describes a suite other than NOHARM
OWN_FIELDS = {"reason", "guideline"}


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
        DataError: the first problem, with file, line and field.
    """
    dataset = dataset_of(folder)
    if dataset is None:
        raise DataError(
            f"{folder}: the folder has no suite; expected dataset/rubrics/*.json or a .jsonl file"
        )
    rubrics: dict[str, tuple[Case, str]] = {}
    for path in sorted((dataset / "rubrics").glob("*.json")):
        text = read_text(path)
        case = parse_json(Case, text, path)
        require_valid(case, text, path, 1)
        if case.id != path.stem:
            at = line_of(text, ("id",))
            raise DataError(
                f"{path}:{at}: id: {case.id} is not the file's name; rename one of them"
            )
        rubrics[case.id] = (case, f"{path}:1")
    items = _read_items(dataset / "items.jsonl", rubrics)
    variants = [(item, at) for item, at in items if item.metadata.category != BASELINE]
    cases = [(rubrics[item.id][0], at) for item, at in items if item.metadata.category == BASELINE]
    listed = {case.id for case, _ in cases}
    cases += [found for name, found in rubrics.items() if name not in listed]
    require_complete_key(cases, variants, dataset / "rubrics")
    return Suite(
        info=_info(dataset, folder.resolve().name),
        cases=tuple(case for case, _ in cases),
        variants=tuple(item for item, _ in variants),
    )


def _info(dataset: Path, name: str) -> SuiteInfo:
    """The description in suite.json; without that file, the one of the published cases."""
    about = dataset / ABOUT
    if about.exists():
        return parse_json(SuiteInfo, read_text(about), about)
    return PUBLISHED.model_copy(update={"name": name_from(name)})


def write_mast(suite: Suite, folder: Path) -> None:
    """Write a suite in the published layout; reasons and guidelines are not part of it."""
    rubrics = folder / "dataset" / "rubrics"
    rubrics.mkdir(parents=True, exist_ok=True)
    for case in suite.cases:
        found = case.model_dump(
            by_alias=True,
            exclude_unset=True,
            mode="json",
            exclude={"options": {"__all__": OWN_FIELDS}},
        )
        text = json.dumps(found, indent=2, ensure_ascii=False) + "\n"
        (rubrics / f"{case.id}.json").write_text(text, encoding="utf-8")
    if suite.info != PUBLISHED.model_copy(update={"name": suite.info.name}):
        about = suite.info.model_dump_json(by_alias=True, exclude_unset=True, indent=2) + "\n"
        (folder / "dataset" / ABOUT).write_text(about, encoding="utf-8")
    lines = [json.dumps(item, ensure_ascii=False) + "\n" for item in _items(suite)]
    (folder / "dataset" / "items.jsonl").write_text("".join(lines), encoding="utf-8")


def _items(suite: Suite) -> list[dict[str, Any]]:
    by_id = {variant.id: variant for variant in suite.variants}
    found = []
    for each in suite.items():
        item = by_id.get(each.id) or Variant(
            id=each.id,
            prompt=each.presentation,
            metadata=VariantMetadata(base_id=each.id, category=BASELINE, open=each.case.open),
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
        if base is None:
            if not item.metadata.open:
                continue
            raise DataError(
                f"{path}:{number}: metadata.base_id: {item.id} is an item of "
                f"{item.metadata.base_id}, which is not in the suite"
            )
        if item.metadata.category == BASELINE:
            if item.id != base[0].id:
                raise DataError(f"{path}:{number}: id: {item.id} is not the baseline {base[0].id}")
            if item.prompt.split() != base[0].case.presentation.split():
                raise DataError(
                    f"{path}:{number}: prompt: differs from the presentation in {base[1]}"
                )
        items.append((item, f"{path}:{number}"))
    return items
