"""The offline matcher's rules of language and medicine, on sentences of no case."""

import pytest

from primum.evaluation.matching.lexical.matcher import match_text

OPTIONS = [
    (1, "Medication", "Start apixaban 5 mg PO twice daily"),
    (2, "Medication", "Stop aspirin 81 mg daily"),
    (3, "Medication", "Increase levothyroxine to 100 mcg daily"),
    (4, "Medication", "Decrease levothyroxine to 50 mcg daily"),
    (5, "Diagnostic", "Order CT abdomen and pelvis with contrast"),
    (6, "Diagnostic", "Order repeat TSH in 6 weeks"),
    (7, "Follow-up", "Refer to endocrinology"),
    (8, "Counseling", "Advise smoking cessation"),
    (9, "Procedure", "Schedule upper endoscopy with biopsies"),
    (10, "Medication", "Switch metoprolol to carvedilol 6.25 mg twice daily"),
    (11, "Medication", "Start diclofenac 1% gel applied twice daily"),
    (12, "Diagnostic", "If the stool test is positive, then order a colonoscopy"),
    (13, "Diagnostic", "Order HIV test"),
]


@pytest.mark.parametrize(
    ("answer", "expected"),
    [
        # refusals, and where they end
        ("I would hold off on anticoagulation for now.", {}),
        ("Do not start apixaban or increase levothyroxine.", {}),
        ("Stop aspirin and start Eliquis 5 mg BID.", {1: "full", 2: "full"}),
        ("She does not need a scan of the head today: stop aspirin.", {2: "full"}),
        ("Rather than apixaban, use warfarin.", {}),
        ("**Not needed now:**\n- CT abdomen/pelvis\n- EGD\n\nTSH in 6 weeks.", {6: "full"}),
        ("Avoid omeprazole with aspirin.", {}),
        # conditions, and where they end
        ("If TSH is above 10, increase levothyroxine to 100 mcg daily.", {}),
        ("TSH in 6 weeks (repeat if low) and a CT of the abdomen and pelvis with contrast.", {5: "full", 6: "full"}),
        ("If the stool test is positive: colonoscopy.", {12: "full"}),
        ("**When to image**\n- CT abdomen and pelvis with contrast", {}),
        ("Any positive should prompt CT abdomen and pelvis.", {}),
        # reasons and questions are no advice
        ("Wait, as levothyroxine was increased to 100 mcg daily.", {}),
        ("Ask about smoking.", {}),
        # acts and their objects
        ("Change metoprolol to carvedilol 6.25 mg BID.", {10: "full"}),
        ("Continue metoprolol.", {}),
        ("Continue levothyroxine.", {}),
        ("Bump Synthroid to 100 mcg and recheck TFTs in six weeks.", {3: "full", 6: "full"}),
        ("**Consider endoscopy with biopsies**, as it has been a year.", {9: "partial"}),
        ("Start diclofenac 50 mg tablets orally.", {}),
        # what only looks alike
        ("The hives are new.", {}),
        ("Her latest note is not here.", {}),
    ],
)  # fmt: skip
def test_language(answer: str, expected: dict[int, str]) -> None:
    found = {m.option: m.verdict for m in match_text(OPTIONS, answer) if m.verdict != "none"}
    assert found == expected
