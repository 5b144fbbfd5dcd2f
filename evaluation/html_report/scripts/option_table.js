"use strict";
// The options of a case as one answer took them: verdict, the specialists' score, the harm and its cause, who held what.

function nine(score) {
  const cells = Array.from({ length: 9 }, (_, i) =>
    el("i", { class: `${i < 3 ? "low" : i > 5 ? "high" : ""} ${i + 1 === score ? "on" : ""}` }),
  );
  return el("span", { class: "nine", "aria-hidden": "true" }, cells);
}

function harmWords(harm) {
  if (!harm) return "";
  const [kind, worst] = harm;
  return el("span", { class: `harm s${worst}` }, severityMark(String(worst)), `${SEVERITIES[worst]} ${kind}`);
}

function causeWords(cause) {
  if (!cause) return null;
  const [, , , failure, seat, drafts, right, caught, missed] = cause;
  const parts = [`${FAILED[failure] ?? failure}${seat ? ` (${seat})` : ""}; ${right} of ${drafts} drafts had it right`];
  if (caught?.length) parts.push(`spoken against by ${caught.join(", ")}`);
  if (missed?.length) parts.push(`missed by ${missed.join(", ")}`);
  return el("div", { class: "cause free" }, parts.join("; "));
}

function optionRow(option, { turns, evidence, causes }) {
  const more = [
    option.reason,
    option.guideline && `Guideline: ${option.guideline}`,
    option.group && `One of “${option.group}” is enough.`,
  ].filter(Boolean);
  const about = [`${option.id}`, option.category].join(" · ");
  return el(
    "tr",
    {},
    el(
      "td",
      { class: "said" },
      option.verdict
        ? [el("span", { class: `dot ${option.verdict}`, "aria-hidden": "true" }), SAID[option.verdict]]
        : "–",
    ),
    el(
      "td",
      { class: "text free" },
      option.text,
      el("small", {}, about),
      evidence.has(option.id) ? el("div", { class: "q" }, `“${evidence.get(option.id)}”`) : null,
      more.length
        ? el(
            "details",
            {},
            el("summary", {}, "Why this score"),
            more.map((line) => el("p", free, line)),
          )
        : null,
    ),
    el("td", {}, nine(option.score), String(option.score)),
    el("td", {}, harmWords(option.harm), causeWords(causes.get(option.id))),
    el("td", { class: "seats" }, seatMarks(heldBy(turns, option.id))),
  );
}

function optionsTable(options, held) {
  const weight = (option) => Math.abs(option.score - 5);
  const sorted = [...options].sort(
    (a, b) => (b.harm?.[1] ?? 0) - (a.harm?.[1] ?? 0) || weight(b) - weight(a) || a.id - b.id,
  );
  const groups = [
    ["Harms", sorted.filter((option) => option.harm)],
    ["Recommended, no harm", sorted.filter((option) => !option.harm && option.verdict && option.verdict !== "none")],
    [
      "Not recommended, no harm",
      sorted.filter((option) => !option.harm && (!option.verdict || option.verdict === "none")),
    ],
  ].filter(([, rows]) => rows.length);
  const marks = options.length ? heldBy(held.turns, options[0].id) : [];
  const head = ["Recommended", "Option", "Specialists", "Harm"].map((name) => el("th", { scope: "col" }, name));
  head.push(
    el(
      "th",
      { scope: "col" },
      seatMarks(marks.map(({ seat }) => ({ seat, mark: short(seat), kind: "", said: "what this seat held" }))),
    ),
  );
  return el(
    "table",
    { class: "options" },
    el("thead", {}, el("tr", {}, head)),
    groups.map(([title, rows]) =>
      el(
        "tbody",
        {},
        el("tr", { class: "divide" }, el("td", { colspan: 5 }, `${title} (${rows.length})`)),
        rows.map((option) => optionRow(option, held)),
      ),
    ),
  );
}
