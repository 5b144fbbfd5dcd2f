"""Text as models write it, and text as nobody does: strategies that several test files draw from."""

from hypothesis import strategies as st

MARKS = st.sampled_from(
    ["1. ", "2) ", "**3.** ", "4: ", "- ", "* ", "• ", "\t- ", "# ", "**", "*", "_", "`", "\n", "\r\n",
     "\n\n", " - ", " — ", "Why: ", "Rationale: ", "[today] ", "(urgent) ", "ADD: ", "REMOVE ", "No change.",
     "No action is recommended.", "```", "---", ":", ".", " ", "\t", "\x85", "\u2028", "e.g. ", "If "]
)  # fmt: skip
WILD = st.lists(MARKS | st.text(max_size=6), max_size=30).map("".join) | st.text()
WORD = st.from_regex(r"[a-z]{2,8}", fullmatch=True).filter(
    lambda w: w not in {"why", "reason", "rationale", "reasoning"}
)
ACTION = st.builds(
    "{} {}".format, st.sampled_from(["Order", "Start", "Stop", "Refer to", "If fever,"]),
    st.lists(WORD, min_size=1, max_size=5).map(" ".join),
)  # fmt: skip
