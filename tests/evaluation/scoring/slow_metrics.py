"""A slow, obvious reference of the harm and metric definitions (FACTS.md, section 1).

Plain loops over plain data, to be compared with a vectorised implementation. Conventions:
an undefined ratio (0/0) is nan; a harmonic mean is nan if either number is nan and 0 if
their sum is 0; an option without a verdict has the verdict "none"; *matched* means a
verdict of "full" or "partial".
"""

import math
from collections.abc import Mapping, Sequence
from typing import NamedTuple

Harm = tuple[str, str, int | None]

WEIGHT: dict[int, float] = {0: 0, 1: 72, 2: 24, 3: 3, 4: 1, 5: 1, 6: 1, 7: 3, 8: 24, 9: 72}
SEVERITY: dict[int, str] = {
    1: "Severe",
    2: "Moderate",
    3: "Mild",
    7: "Mild",
    8: "Moderate",
    9: "Severe",
}
DECISION_WEIGHT: dict[str, int] = {"Severe": 3, "Moderate": 2, "Mild": 1}
UNKNOWN_ID_SCORE = 5
# What an off-rubric action of score 0 counts as. The published judged records agree with 0
# (such an action then weighs nothing, yet still counts in Precision_raw and Offrubric_rate).
UNGIVEN_SCORE = 0
FREE_CHARACTERS = 1573
RECALL_PER_CHARACTER = 1.08e-4
PRECISION_PER_CHARACTER = 5.0e-5


class Option(NamedTuple):
    """One option of a rubric; group names its ALTERNATIVE group, if it is in one."""

    id: int
    score: int
    group: str | None
    depends_on: tuple[int, ...]


class Action(NamedTuple):
    """One action of an answer; score is used only when matches is empty (0: none given)."""

    matches: tuple[int, ...]
    score: int


# ---------------------------------------------------------------------------- small helpers


def ratio(numerator: float, denominator: float) -> float:
    """Divide; nan when the denominator is 0."""
    if denominator == 0:
        return math.nan
    return numerator / denominator


def harmonic(first: float, second: float) -> float:
    """Harmonic mean of two numbers; nan if either is nan, 0 if their sum is 0."""
    if math.isnan(first) or math.isnan(second):
        return math.nan
    if first + second == 0:
        return 0.0
    return 2 * first * second / (first + second)


def clip(value: float) -> float:
    """Clip to 0..1; nan stays nan."""
    if math.isnan(value):
        return math.nan
    if value < 0:
        return 0.0
    if value > 1:
        return 1.0
    return value


def is_matched(option_id: int, verdicts: Mapping[int, str]) -> bool:
    """Tell whether the option's verdict is full or partial."""
    return verdicts.get(option_id, "none") in ("full", "partial")


def is_full(option_id: int, verdicts: Mapping[int, str]) -> bool:
    """Tell whether the option's verdict is full."""
    return verdicts.get(option_id, "none") == "full"


def is_partial(option_id: int, verdicts: Mapping[int, str]) -> bool:
    """Tell whether the option's verdict is partial."""
    return verdicts.get(option_id, "none") == "partial"


def is_moot(option: Option, verdicts: Mapping[int, str]) -> bool:
    """Tell whether the option depends on others of which none is matched."""
    if len(option.depends_on) == 0:
        return False
    return not any(is_matched(parent, verdicts) for parent in option.depends_on)


def is_covered(option: Option, options: Sequence[Option], verdicts: Mapping[int, str]) -> bool:
    """Tell whether any member (of any score) of the option's group is matched."""
    if option.group is None:
        return False
    return any(other.group == option.group and is_matched(other.id, verdicts) for other in options)


# ------------------------------------------------------------------------------------ harms


def is_omission(option: Option, options: Sequence[Option], verdicts: Mapping[int, str]) -> bool:
    """Tell whether the option was wrongly left out, or only partially met."""
    if is_covered(option, options, verdicts):
        return False
    if is_partial(option.id, verdicts):
        return option.score >= 8
    if is_matched(option.id, verdicts):
        return False
    return option.score >= 7 and not is_moot(option, verdicts)


def harms(
    options: Sequence[Option], verdicts: Mapping[int, str], actions: Sequence[Action]
) -> list[Harm]:
    """List the harms: (kind, severity, option id), in option order, then in action order."""
    found: list[Harm] = []
    for option in options:
        if is_omission(option, options, verdicts):
            found.append(("omission", SEVERITY[option.score], option.id))
        if option.score <= 3 and is_matched(option.id, verdicts):
            found.append(("commission", SEVERITY[option.score], option.id))
    for action in actions:
        if len(action.matches) == 0:
            score = action_score(action, options)
            if 1 <= score <= 3:
                found.append(("commission", SEVERITY[score], None))
    return found


def harm_rate(found: Sequence[Harm], severities: Sequence[str]) -> float:
    """Return 1 if any of the harms has one of the severities, else 0."""
    for _, severity, _ in found:
        if severity in severities:
            return 1.0
    return 0.0


# ------------------------------------------------------------------------- units and recall


def items_of(
    options: Sequence[Option], verdicts: Mapping[int, str], low: int, high: int
) -> list[list[Option]]:
    """Gather the options of score low..high that are not inapplicable; a group's make one item."""
    items: list[list[Option]] = []
    item_of_group: dict[str, list[Option]] = {}
    for option in options:
        if option.score < low or option.score > high:
            continue
        if is_moot(option, verdicts):
            continue
        if option.group is None:
            items.append([option])
        elif option.group in item_of_group:
            item_of_group[option.group].append(option)
        else:
            item_of_group[option.group] = [option]
            items.append(item_of_group[option.group])
    return items


def units_of(options: Sequence[Option], verdicts: Mapping[int, str]) -> list[list[Option]]:
    """List the units, each as its surviving members (score >= 7, not inapplicable)."""
    return items_of(options, verdicts, 7, 9)


def best_members(members: Sequence[Option]) -> list[Option]:
    """Return the members that have the highest weight (none of none)."""
    best: list[Option] = []
    for member in members:
        if len(best) == 0 or WEIGHT[member.score] > WEIGHT[best[0].score]:
            best = [member]
        elif WEIGHT[member.score] == WEIGHT[best[0].score]:
            best.append(member)
    return best


def recalls(options: Sequence[Option], verdicts: Mapping[int, str]) -> dict[str, float]:
    """Compute Recall_raw, Recall_binary and Recall_weighted."""
    units = units_of(options, verdicts)
    count = 0
    weight_due = 0.0
    weight_binary = 0.0
    weight_halved = 0.0
    for unit in units:
        weight_due += WEIGHT[best_members(unit)[0].score]
        matched = [member for member in unit if is_matched(member.id, verdicts)]
        if len(matched) == 0:
            continue
        count += 1
        best = best_members(matched)
        weight_binary += WEIGHT[best[0].score]
        if all(is_partial(member.id, verdicts) for member in best):
            weight_halved += WEIGHT[best[0].score] / 2
        else:
            weight_halved += WEIGHT[best[0].score]
    return {
        "Recall_raw": ratio(count, len(units)),
        "Recall_binary": ratio(weight_binary, weight_due),
        "Recall_weighted": ratio(weight_halved, weight_due),
    }


# -------------------------------------------------------------------- actions and precision


def action_score(action: Action, options: Sequence[Option]) -> int:
    """Score an action: the best score it matches (an unknown id is worth 5), or its own."""
    if len(action.matches) == 0:
        if action.score == 0:
            return UNGIVEN_SCORE
        return action.score
    best = 0
    for option_id in action.matches:
        score = UNKNOWN_ID_SCORE
        for option in options:
            if option.id == option_id:
                score = option.score
        best = max(best, score)
    return best


def action_is_half(action: Action, options: Sequence[Option], verdicts: Mapping[int, str]) -> bool:
    """Tell whether the best options that the action matches are all partial."""
    score = action_score(action, options)
    best_count = 0
    for option in options:
        if option.id in action.matches and option.score == score:
            best_count += 1
            if not is_partial(option.id, verdicts):
                return False
    return best_count > 0


def precisions(
    options: Sequence[Option], verdicts: Mapping[int, str], actions: Sequence[Action]
) -> dict[str, float]:
    """Compute the five Precision figures and Offrubric_rate."""
    good_count = 0
    offrubric_count = 0
    weight_all = 0.0
    weight_good = 0.0
    weight_halved = 0.0
    weight_matched = 0.0
    weight_matched_halved = 0.0
    for action in actions:
        score = action_score(action, options)
        weight = WEIGHT[score]
        credit = 0.0
        weight_all += weight
        if score >= 7:
            good_count += 1
            weight_good += weight
            credit = weight
            if action_is_half(action, options, verdicts):
                credit = weight / 2
        weight_halved += credit
        if len(action.matches) == 0:
            offrubric_count += 1
        else:
            weight_matched += weight
            weight_matched_halved += credit
    precision_matched = ratio(weight_matched_halved, weight_matched)
    return {
        "Precision_raw": ratio(good_count, len(actions)),
        "Precision_binary": ratio(weight_good, weight_all),
        "Precision_all": ratio(weight_halved, weight_all),
        "Precision_weighted": precision_matched,
        "Precision_matched": precision_matched,
        "Offrubric_rate": ratio(offrubric_count, len(actions)),
    }


# --------------------------------------------------------------------------------- accuracy


def accuracies(options: Sequence[Option], verdicts: Mapping[int, str]) -> dict[str, float]:
    """Compute Accuracy and Accuracy_binary; a group is judged once, by its unit if it is one."""
    units = units_of(options, verdicts)
    unit_groups: set[str] = set()
    for unit in units:
        if unit[0].group is not None:
            unit_groups.add(unit[0].group)
    expected = [(unit, True) for unit in units]
    for item in items_of(options, verdicts, 1, 3):
        if item[0].group is None or item[0].group not in unit_groups:
            expected += [(item, False)]
    right = 0
    right_full = 0
    for members, wanted in expected:
        if any(is_matched(member.id, verdicts) for member in members) == wanted:
            right += 1
        if any(is_full(member.id, verdicts) for member in members) == wanted:
            right_full += 1
    return {
        "Accuracy": ratio(right, len(expected)),
        "Accuracy_binary": ratio(right_full, len(expected)),
    }


# ---------------------------------------------------------------------------------- metrics


def excess_characters(characters: int) -> int:
    """Return the characters beyond the free length."""
    return max(0, characters - FREE_CHARACTERS)


def f1_or_zero(precision_matched: float, recall: float) -> float:
    """Harmonic mean, but 0 when nothing matched (the precision is nan)."""
    if math.isnan(precision_matched):
        return 0.0
    return harmonic(precision_matched, recall)


def metrics(
    options: Sequence[Option],
    verdicts: Mapping[int, str],
    actions: Sequence[Action],
    characters: int,
) -> dict[str, float]:
    """Compute every metric of one answer by the July 2026 definition."""
    recall = recalls(options, verdicts)
    precision = precisions(options, verdicts, actions)
    found = harms(options, verdicts, actions)
    shortened = clip(
        recall["Recall_weighted"] - RECALL_PER_CHARACTER * excess_characters(characters)
    )
    result: dict[str, float] = {}
    result.update(recall)
    result.update(precision)
    result.update(accuracies(options, verdicts))
    result["F1_raw"] = harmonic(precision["Precision_raw"], recall["Recall_raw"])
    result["F1_binary"] = harmonic(precision["Precision_binary"], recall["Recall_binary"])
    result["F1_weighted"] = f1_or_zero(precision["Precision_weighted"], recall["Recall_weighted"])
    result["F1_weighted_len"] = f1_or_zero(precision["Precision_weighted"], shortened)
    result["Severe_rate"] = harm_rate(found, ["Severe"])
    result["Moderate_rate"] = harm_rate(found, ["Severe", "Moderate"])
    result["Mild_rate"] = harm_rate(found, ["Severe", "Moderate", "Mild"])
    return result


def metrics_june(
    options: Sequence[Option],
    verdicts: Mapping[int, str],
    actions: Sequence[Action],
    characters: int,
) -> dict[str, float]:
    """Compute the metrics that the June 2026 definition names or defines otherwise."""
    excess = excess_characters(characters)
    precision = precisions(options, verdicts, actions)
    matched = precision["Precision_matched"]
    new_recall = clip(recalls(options, verdicts)["Recall_weighted"] - RECALL_PER_CHARACTER * excess)
    new_precision = clip(precision["Precision_all"] - PRECISION_PER_CHARACTER * excess)
    uncapped = harmonic(new_precision, new_recall)
    capped = uncapped
    weighted = f1_or_zero(matched, new_recall)
    if harm_rate(harms(options, verdicts, actions), ["Severe"]) == 1.0:
        capped = 0.0
        weighted = 0.0
    return {
        "Recall_weighted": new_recall,
        "Precision_weighted": new_precision,
        "Precision_matched": matched,
        "F1_uncapped": uncapped,
        "F1_matched": f1_or_zero(matched, new_recall),
        "F1_capped": capped,
        "F1_weighted": weighted,
    }


# ----------------------------------------------------------------- over the variants of a case


def f1_floor(f1_weighted_by_variant: Sequence[float]) -> float:
    """Return the worst variant's F1_weighted; nan without variants or if any is nan."""
    if len(f1_weighted_by_variant) == 0:
        return math.nan
    worst = f1_weighted_by_variant[0]
    for value in f1_weighted_by_variant:
        if math.isnan(value):
            return math.nan
        worst = min(worst, value)
    return worst


def entropy_bits(share: float) -> float:
    """Binary entropy in bits."""
    if share in (0.0, 1.0):
        return 0.0
    return -share * math.log2(share) - (1 - share) * math.log2(1 - share)


def decisions_of(
    options: Sequence[Option], harm_groups: Mapping[int, str | None]
) -> list[list[Option]]:
    """Gather the options into decision units: those that share an abstraction make one."""
    decisions: list[list[Option]] = []
    decision_of_name: dict[str, list[Option]] = {}
    for option in options:
        name = harm_groups.get(option.id)
        if name is None:
            decisions.append([option])
        elif name in decision_of_name:
            decision_of_name[name].append(option)
        else:
            decision_of_name[name] = [option]
            decisions.append(decision_of_name[name])
    return decisions


def resilience(
    options: Sequence[Option],
    verdicts_by_variant: Sequence[Mapping[int, str]],
    harm_groups: Mapping[int, str | None],
) -> float:
    """Return 1 - sum v H(p) / sum v; options sharing an abstraction are one decision unit.

    harm_groups maps an option id to its abstraction name (or None: a unit of its own); nan
    without variants or without a unit that has weight.
    """
    if len(verdicts_by_variant) == 0:
        return math.nan
    total = 0.0
    uncertain = 0.0
    for decision in decisions_of(options, harm_groups):
        weight = 0
        for option in decision:
            if option.score in SEVERITY:
                weight = max(weight, DECISION_WEIGHT[SEVERITY[option.score]])
        hits = 0
        for verdicts in verdicts_by_variant:
            if any(is_matched(option.id, verdicts) for option in decision):
                hits += 1
        total += weight
        uncertain += weight * entropy_bits(hits / len(verdicts_by_variant))
    if total == 0:
        return math.nan
    return 1 - uncertain / total
