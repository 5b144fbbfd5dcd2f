"""The page's scripts: ECMAScript modules put together into one script, by their imports.

A page that is opened as a file, under a policy that allows scripts by their hash only, cannot load
modules. Each module therefore becomes a function that is called once and returns its exports, and
an import reads from what was returned. Names that a module does not export stay its own.

Two forms of import and three of export are understood, each at the beginning of a line:

    import { name, other } from "./module.js";
    import "./module.js";
    export const name = ...; export function name(...) ...; export async function name(...) ...

Any other line that begins with `import` or `export` is refused, and so are new names for imports
(`as`), cycles, and imports of names that are not exported.
"""

import json
import posixpath
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

IMPORT = re.compile(r'^import (?:\{([^{}]*)\} from )?"(\.{1,2}/[^"]+)";\n', re.MULTILINE)
EXPORT = re.compile(r"^export (?=(?:const|function|async function) ([$\w]+))", re.MULTILINE)
LEFT = re.compile(r"^(?:import|export)\b.*", re.MULTILINE)
NAME = re.compile(r"[$A-Za-z_][$\w]*")


class BundleError(ValueError):
    """Modules that cannot be put together; the message names the module and the reason."""


@dataclass(frozen=True)
class Module:
    """A module by its path from the folder of scripts, such as `cases/turns.js`.

    Attributes:
        imports: the names that are imported, by the path of the module that exports them.
        exports: the names that it exports.
        body: its code without imports, and without the word `export`.
    """

    path: str
    imports: Mapping[str, tuple[str, ...]]
    exports: tuple[str, ...]
    body: str


def bundle(folder: Path, entry: str) -> str:
    """The script that runs a module and all that it imports, directly or not, each once.

    Raises:
        BundleError: a module is missing, has a form that is not understood or an import that does
            not fit, or imports itself by way of others.
    """
    modules = load_modules(folder, entry)
    body = "\n".join(_as_function(module) for module in modules)
    return f'"use strict";\n{{\nconst modules = {{}};\n{body}\n}}\n'


def load_modules(folder: Path, entry: str) -> list[Module]:
    """A module and all that it imports, each behind those that it imports.

    Raises:
        BundleError: as `bundle`.
    """
    found: dict[str, Module] = {}
    _visit(folder, entry, (), found)
    for module in found.values():
        for path, names in module.imports.items():
            if missing := set(names) - set(found[path].exports):
                raise BundleError(f"{module.path}: {path} exports no {', '.join(sorted(missing))}")
    return list(found.values())


def parse_module(path: str, text: str) -> Module:
    """A module's imports, exports and code.

    Raises:
        BundleError: a line has an import or an export of a form that is not understood, or a name
            is imported or exported twice.
    """
    imports: dict[str, tuple[str, ...]] = {}
    for names, source in IMPORT.findall(text):
        target = posixpath.normpath(posixpath.join(posixpath.dirname(path), source))
        if target in imports:
            raise BundleError(f"{path}: imports {target} twice")
        imports[target] = tuple(name.strip() for name in names.split(",") if name.strip())
    exports = tuple(EXPORT.findall(text))
    body = EXPORT.sub("", IMPORT.sub("", text))
    if left := LEFT.search(body):
        raise BundleError(f"{path}: not understood: {left[0]}")
    imported = [name for names in imports.values() for name in names]
    if renamed := [name for name in imported if not NAME.fullmatch(name)]:
        raise BundleError(f"{path}: not understood in an import: {renamed[0]}")
    for names in (imported, exports):
        if twice := {name for name in names if names.count(name) > 1}:
            raise BundleError(f"{path}: imported or exported twice: {', '.join(sorted(twice))}")
    return Module(path, imports, exports, body.strip())


def _visit(folder: Path, path: str, above: tuple[str, ...], found: dict[str, Module]) -> None:
    """Add a module to those found, behind the modules that it imports."""
    if path in above:
        raise BundleError(f"a cycle of imports: {' imports '.join((*above, path))}")
    if path in found:
        return
    file = folder / path
    if path.startswith("..") or not file.is_file():
        raise BundleError(f"{above[-1] if above else folder}: imports {path}, which does not exist")
    module = parse_module(path, file.read_text(encoding="utf-8"))
    for needed in module.imports:
        _visit(folder, needed, (*above, path), found)
    found[path] = module


def _as_function(module: Module) -> str:
    imports = [
        f"const {{ {', '.join(names)} }} = modules[{json.dumps(path)}];"
        for path, names in module.imports.items()
        if names
    ]
    lines = [*imports, module.body, f"return {{ {', '.join(module.exports)} }};"]
    return f"modules[{json.dumps(module.path)}] = (() => {{\n" + "\n".join(lines) + "\n})();"
