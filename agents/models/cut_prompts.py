"""Recognises prompts that were cut before the model read them, by their number of tokens.

Ollama, for one, cuts a prompt that is longer than `num_ctx` at its beginning and says nothing; the
model then answers another question than the one that was put. The sign is that the server counted
fewer tokens than the prompt can have in any tokenizer. A cut prompt fills the context, so counts
below any server's context are no sign: some servers count only the last message, or what was not in
their cache, or always the same. Nor are counts that a cache of prompts explains. When in doubt a
prompt counts as whole.
"""

import re
from collections.abc import Sequence

from primum.agents.models.client import Message, Reply, Request
from primum.agents.models.outcomes import Cause, Outcome

SMALLEST_CONTEXT = 512  # tokens: of the defaults of servers the smallest (llama.cpp; Ollama 2,048)
# Tokenizers split a text at blanks, and words from digits and from the punctuation that ends them.
# On 262 clinical texts and prompts these pieces were 0.68 to 0.96 of the tokens of o200k, cl100k
# and Anthropic's tokenizer (0.81 to 0.83 in the mean).
PIECE = re.compile(r"(?:[^\W\d_]|[\u0300-\u036f])+|\d+|[^\w\s]+(?=\s|$)")
OTHER_SCRIPTS = re.compile(r"[\u0530-\u1dff\u2c80-\ud7ff\uf900-\ufdff\ufe70-\ufeff]")
OTHER_SCRIPTS_PER_TOKEN = 6  # characters of scripts that are neither Latin, Greek nor Cyrillic
MARGIN = 0.95
CHARACTERS_PER_TOKEN = 4.5  # where a count makes at least so many tokens, no more is asked


def with_cut_prompt(request: Request, reply: Reply) -> Reply:
    """A reply, with the outcome PROMPT_TRUNCATED if its prompt was cut.

    A failure that is the provider's own doing, such as a timeout, keeps its outcome.
    """
    counted = (reply.input_tokens or 0) + (reply.cached_tokens or 0)
    if reply.outcome.cause is Cause.PROVIDER or not is_cut(request.messages, counted):
        return reply
    reason = (
        f"the server counted {counted:,} tokens of a prompt that has at least "
        f"{fewest_tokens(request.messages):,}; it cut the prompt: raise its num_ctx"
    )
    return reply.model_copy(update={"outcome": Outcome.PROMPT_TRUNCATED, "reason": reason})


def is_cut(messages: Sequence[Message], counted: int) -> bool:
    """Whether a server that counted so many tokens cannot have read all of some messages."""
    if counted < SMALLEST_CONTEXT:
        return False
    characters = sum(len(message.content) for message in messages)
    if counted * CHARACTERS_PER_TOKEN >= characters:
        return False  # most calls end here, without a look at the text
    return counted < MARGIN * fewest_tokens(messages)


def fewest_tokens(messages: Sequence[Message]) -> int:
    """A lower bound of the tokens that any tokenizer makes of some messages."""
    return sum(_fewest(message.content) for message in messages)


def _fewest(text: str) -> int:
    text, others = OTHER_SCRIPTS.subn("", text)
    return len(PIECE.findall(text)) + others // OTHER_SCRIPTS_PER_TOKEN
