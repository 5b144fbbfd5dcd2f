"""The page's scripts: modules that import what they use, use what they import, and fit together."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from primum.evaluation.html_report.render import FOLDER
from primum.evaluation.html_report.script_bundle import (
    BundleError,
    Module,
    bundle,
    load_modules,
    parse_module,
)

SCRIPTS = FOLDER / "scripts"
NODE = shutil.which("node")
TEXT = re.compile(r"//[^\n]*|\"[^\"\n]*\"")


@pytest.fixture(scope="module")
def modules() -> list[Module]:
    return load_modules(SCRIPTS, "main.js")


def code(module: Module) -> str:
    """A module's code without comments and quoted texts."""
    return TEXT.sub("", module.body)


def uses(module: Module, name: str) -> bool:
    """Whether a name occurs that is no property: not behind a dot, except three of them."""
    return bool(re.search(rf"(?:(?<![\w$.])|(?<=\.\.\.)){re.escape(name)}(?![\w$])", code(module)))


def test_every_script_is_part_of_the_page(modules: list[Module]) -> None:
    there = {path.relative_to(SCRIPTS).as_posix() for path in SCRIPTS.rglob("*") if path.is_file()}
    assert {module.path for module in modules} == there


def test_a_module_comes_behind_those_that_it_imports(modules: list[Module]) -> None:
    order = [module.path for module in modules]
    for module in modules:
        assert all(order.index(path) < order.index(module.path) for path in module.imports)


def test_every_export_is_imported_and_every_import_is_used(modules: list[Module]) -> None:
    exported = {(module.path, name) for module in modules for name in module.exports}
    imported = {
        (path, name)
        for module in modules
        for path, names in module.imports.items()
        for name in names
    }
    assert exported == imported
    for module in modules:
        for names in module.imports.values():
            assert [name for name in names if not uses(module, name)] == [], module.path


def test_what_another_module_exports_is_imported(modules: list[Module]) -> None:
    owner = {name: module.path for module in modules for name in module.exports}
    assert len(owner) == sum(len(module.exports) for module in modules)
    for module in modules:
        imported = {name for names in module.imports.values() for name in names}
        for name in set(owner) - imported - set(module.exports):
            behind = r"(?![\w$])" if name.isupper() else r"(?=\()"  # a constant, or a call
            pattern = rf"(?<![\w$.]){re.escape(name)}{behind}"
            assert not re.search(pattern, code(module)), f"{module.path}: {name}"


def run(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Node with some arguments."""
    return subprocess.run([NODE or "", *arguments], check=False, capture_output=True, text=True)


@pytest.mark.skipif(not NODE, reason="needs Node")
def test_scripts_and_bundle_are_ecmascript(tmp_path: Path) -> None:
    for path in SCRIPTS.rglob("*.js"):
        (tmp_path / f"{path.stem}.mjs").write_text(path.read_text())
    (tmp_path / "bundle.js").write_text(bundle(SCRIPTS, "main.js"))
    for path in tmp_path.iterdir():
        done = run("--check", path)
        assert done.returncode == 0, done.stderr


def write(folder: Path, **files: str) -> Path:
    for name, text in files.items():
        (folder / f"{name}.js").write_text(text)
    return folder


@pytest.mark.skipif(not NODE, reason="needs Node")
def test_a_bundle_runs_each_module_once_with_names_of_its_own(tmp_path: Path) -> None:
    write(
        tmp_path,
        main='import {\n  one,\n  say,\n} from "./a.js";\nimport "./b.js";\nsay("main", one());\n',
        a="export const log = [];\nconst x = 1;\nexport function one() {\n  return x;\n}\n"
        "export async function later() {}\nexport function say(...words) {\n"
        '  console.log(...words);\n}\nsay("a");\n',
        b='import { say } from "./a.js";\nconst x = 2;\nsay("b", x);\n',
    )
    (tmp_path / "out.js").write_text(bundle(tmp_path, "main.js"))
    done = run(tmp_path / "out.js")
    assert (done.stdout, done.stderr) == ("a\nb 2\nmain 1\n", "")


def test_a_cycle_is_refused(tmp_path: Path) -> None:
    write(tmp_path, main='import "./a.js";\n', a='import "./b.js";\n', b='import "./a.js";\n')
    with pytest.raises(BundleError, match=r"main\.js imports a\.js imports b\.js imports a\.js"):
        bundle(tmp_path, "main.js")


def test_an_import_that_fits_nothing_is_refused(tmp_path: Path) -> None:
    write(tmp_path, main='import { b } from "./a.js";\n', a="export const a = 1;\nconst b = 2;\n")
    with pytest.raises(BundleError, match=r"main\.js: a\.js exports no b"):
        bundle(tmp_path, "main.js")
    write(tmp_path, main='import "./c.js";\n')
    with pytest.raises(BundleError, match=r"main\.js: imports c\.js, which does not exist"):
        bundle(tmp_path, "main.js")
    write(tmp_path, main='import "../render.js";\n')
    with pytest.raises(BundleError, match="does not exist"):
        bundle(tmp_path, "main.js")


@pytest.mark.parametrize(
    "text",
    [
        'import all from "./a.js";\n',
        'import * as all from "./a.js";\n',
        'import { a as b } from "./a.js";\n',
        'import { a } from "https://example.org/a.js";\n',
        'import { a } from "a";\n',
        "export default 1;\n",
        "export { a };\n",
        "export let a = 1;\n",
        'export * from "./a.js";\n',
        'import { a, a } from "./a.js";\n',
        'import { a } from "./a.js";\nimport { b } from "./a.js";\n',
        "export const a = 1;\nexport function a() {}\n",
    ],
)
def test_other_forms_are_refused(text: str) -> None:
    with pytest.raises(BundleError, match=r"main\.js: "):
        parse_module("main.js", text)
