"""The roles in a graph of a user's own: its members say what the graph asks, and it answers."""

from primum.agents.roles.record import Reads, Role, Stage

MEMBER = Role(
    name="member",
    mark="B",
    stage=Stage.DRAFT,
    reads=Reads.NOTHING,
    returns="draft",
    title="is asked by a graph of the user's own",
)
GRAPH = Role(
    name="graph",
    mark="\N{GREEK CAPITAL LETTER GAMMA}",
    stage=Stage.CONCLUSION,
    reads=Reads.ALL,
    returns="draft",
    title="is the answer of a graph of the user's own",
)
