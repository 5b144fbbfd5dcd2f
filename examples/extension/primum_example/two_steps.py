"""A graph of one's own, built with LangGraph: one model drafts, another rewrites its draft."""

from typing import Any, ClassVar, Literal, TypedDict

from primum.extend import GraphInput, LangGraphEnsemble


class State(TypedDict):
    """What passes through the graph: `question` comes in, `answer` goes out."""

    question: GraphInput
    draft: str
    answer: str


async def draft(state: State) -> dict[str, str]:
    """Ask the agent in the seat "first", as Primum asks a generator."""
    question = state["question"]
    return {"draft": await question.call("first", question.messages("generator"))}


async def rewrite(state: State) -> dict[str, str]:
    """Ask the agent in the seat "second", as Primum asks a guardian."""
    question = state["question"]
    shown = question.draft(state["draft"])
    return {"answer": await question.call("second", question.messages("guardian", draft=shown))}


class TwoSteps(LangGraphEnsemble):
    """Agents in the seats "first" and "second"."""

    description: ClassVar[str] = "a LangGraph graph of one's own: a draft, and its rewriting"

    graph: Literal["two-steps"] = "two-steps"

    def compiled(self) -> Any:
        """START -> draft -> rewrite -> END."""
        from langgraph.graph import END, START, StateGraph

        graph = StateGraph(State)
        graph.add_node("draft", draft)
        graph.add_node("rewrite", rewrite)
        graph.add_edge(START, "draft")
        graph.add_edge("draft", "rewrite")
        graph.add_edge("rewrite", END)
        return graph.compile()
