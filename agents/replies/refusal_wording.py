"""What refusals say, in English, German, French and Spanish: one regular expression for each part.

The expressions are for one clause of a text in lower case, with straight apostrophes.
"""

import re


def _any(*forms: str) -> re.Pattern[str]:
    """A pattern that finds any of some forms, in which a blank is any white space."""
    return re.compile("|".join(rf"(?:{form})" for form in forms).replace(" ", r"\s+"))


# Words between a verb and its object, none of which ends the clause.
FEW = r"(?: [^\s.;:]+){0,7}? "

ENGLISH_NOT = (
    r"\b(?:can(?:no|')?t|can not|could(?:n't| not)|won't|will not|would(?:n't| not)"
    r"|must(?:n't| not)|should(?:n't| not)|may not|do(?:n't| not)"
    r"|(?:not|un)[ -]?(?:able|allowed|permitted|authori[sz]ed|qualified|licensed|comfortable"
    r"|willing|going|prepared|equipped|designed|intended|meant)|not in a position"
    r"|declin(?:e|es|ed|ing)|refus(?:e|es|ed|ing)|rather not"
    r"|not (?:appropriate|safe|possible|right)|(?:in|un)(?:appropriate|safe)"
    r"|irresponsible|prohibit(?:s|ed)?|prevents?|avoid|no"
    r"|from|nor)\b"
)
ENGLISH_ADVICE = (
    r"(?:advice|recommendations?|guidance|plans?|opinions?|consultations?|suggestions?|diagnos[ie]s"
    r"|decisions?|instructions?|answers?|response|assistance|help|information|management|treatment)"
)
DECLINES = _any(
    rf"{ENGLISH_NOT}{FEW}(?:help|assist|comply|participate|engage|proceed|continue)\b",
    rf"{ENGLISH_NOT}{FEW}(?:answer|respond to|fulfil?l|complete|discuss|comment|address)\b",
    rf"{ENGLISH_NOT}{FEW}(?:provid|giv|offer|mak|produc|generat|creat|writ|suppl|shar|issu|formulat"
    rf"|draft|render|dispens)[a-z]*{FEW}{ENGLISH_ADVICE}\b",
    rf"{ENGLISH_NOT}{FEW}advis(?:e|ing)(?: you)?(?:$| (?:on|about|regarding|in|here|further)\b)",
    rf"{ENGLISH_NOT}{FEW}(?:diagnos|prescrib|treat)[a-z]*"
    r"(?:$| (?:or|and|patients|anyone|conditions)\b)",
    r"\b(?:i|we) (?:must |have to |will |would |respectfully |therefore )*(?:decline|refuse)\b",
    r"^(?:request |respectfully )?(?:declined|denied|refused)$",
    r"\b(?:outside|beyond|not within|exceeds) (?:of )?(?:my|the|our)"
    r" (?:scope|remit|role|competence)\b",
    r"^(?:sorry|no)(?: sorry)?$",
)
REFERS = _any(
    r"^(?:please |you should |you must |kindly )?(?:see|consult|contact|call|ask|speak|talk|seek"
    r"|reach out|turn|go) .*(?:clinician|doctor|physician|professional|provider|specialist"
    r"|emergency|pharmacist|nurse|hospital|medical (?:advice|care|attention|help)|911|999|112)",
)
COURTEOUS = _any(
    r"\b(?:sorry|apologi[sz]e|apologies|thank you|understand|appreciate|hope)\b",
    r"\b(?:an ai|language model|assistant|my (?:guidelines|policy|policies|role))\b",
)
