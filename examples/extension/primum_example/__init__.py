"""An example of an extension: a graph with a role of its own, a LangGraph graph, and a matcher.

Installed, it is found by its entry point; `primum --extension primum_example` names it.
"""

from pathlib import Path

from primum.extend import Extension
from primum_example.audited import Audited
from primum_example.auditor import AUDITOR
from primum_example.exact import EXACT
from primum_example.two_steps import TwoSteps

EXTENSION = Extension(
    name="example",
    version="1.0",
    graphs=(Audited, TwoSteps),
    roles=(AUDITOR,),
    prompts=Path(__file__).parent / "prompts",
    matchers=(EXACT,),
)
