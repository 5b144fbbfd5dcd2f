"""Which extensions are loaded, and which of them a study uses."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from primum.agents.roles.record import Role
from primum.agents.specs.model import FrozenRecord
from primum.core.errors import DataError
from primum.core.registry import Registry

if TYPE_CHECKING:
    from primum.agents.studies.study import Study


class ExtensionUse(FrozenRecord):
    """An extension that a study uses, as its manifest names it.

    `module` is what `--extension` loads; `prompts` is the digest of the extension's prompt files.
    """

    name: str
    version: str
    module: str
    prompts: str = ""


@dataclass(frozen=True)
class LoadedExtension:
    """An extension of this process, and the names of what it brings.

    Attributes:
        use: how a manifest names it.
        graphs: names of graphs.
        roles: names of roles.
        protocols: names of protocols.
        matchers: labels of matchers, as manifests have them.
        clients: prefixes of model ids.
        metrics: keys of metrics, which every study computes.
    """

    use: ExtensionUse
    graphs: frozenset[str] = frozenset()
    roles: frozenset[str] = frozenset()
    protocols: frozenset[str] = frozenset()
    matchers: frozenset[str] = frozenset()
    clients: tuple[str, ...] = ()
    metrics: frozenset[str] = frozenset()

    @property
    def name(self) -> str:
        """Its name."""
        return self.use.name

    def serves(self, study: "Study") -> bool:
        """Whether a study uses any record of this extension."""
        steps = [step for spec in study.ensembles for step in spec.wiring.steps]
        judges = study.judge.models.values() if study.judge else ()
        ids = [model.id for model in (*study.models.values(), *judges)]
        return bool(
            self.metrics
            or self.graphs & {spec.graph for spec in study.ensembles}
            or self.roles & {step.role.name for step in steps}
            or study.protocol.name in self.protocols
            or study.matcher in self.matchers
            or any(model.startswith(prefix) for model in ids for prefix in self.clients)
        )


LOADED: Registry[LoadedExtension] = Registry("extension", ())
"""The extensions of this process."""


def extension_of(role: Role) -> str | None:
    """The name of the extension that a role comes from; None for Primum's own."""
    return next((loaded.name for loaded in LOADED if role.name in loaded.roles), None)


def with_extensions(study: "Study") -> "Study":
    """The study with the loaded extensions that it uses in its manifest."""
    used = tuple(loaded.use for loaded in LOADED if loaded.serves(study))
    return study.model_copy(update={"extensions": used})


def require_no_other_metrics(study: "Study") -> None:
    """Refuse to add metrics to a study whose manifest does not name the extension they are from.

    Raises:
        DataError: naming the extension, and what to do.
    """
    named = {use.name for use in study.extensions}
    for loaded in LOADED:
        if loaded.metrics and loaded.name not in named:
            raise DataError(
                f"{study.id}: it was started without the extension {loaded.name}, whose metrics "
                "would be added; run it anew: calls in the ledger are not repeated"
            )


def require_extensions(uses: Iterable[ExtensionUse], name: str) -> None:
    """Refuse a study whose extensions are not loaded, or are of other versions.

    Args:
        uses: the extensions that its manifest names.
        name: the study's, for the message.

    Raises:
        DataError: naming the extension, and what to do.
    """
    for use in uses:
        if use.name not in LOADED:
            raise DataError(
                f"{name}: rests on the extension {use.name} {use.version}, which is not loaded: "
                f"install it, or give --extension {use.module}"
            )
        if other := _difference(use, LOADED[use.name].use):
            raise DataError(
                f"{name}: rests on the extension {use.name} {use.version}, and {other}; "
                "bring it back as it was, or run the study anew"
            )


def _difference(use: ExtensionUse, loaded: ExtensionUse) -> str:
    """How the loaded extension differs from the one that a study rests on; empty if not at all."""
    if loaded.version != use.version:
        return f"its version {loaded.version} is loaded"
    if loaded.module != use.module:
        return f"another module of that name is loaded: {loaded.module}, not {use.module}"
    return "its prompt files are others now" if loaded.prompts != use.prompts else ""
