// The options of a case as one answer took them: verdict, the specialists' score, harm and cause, grades seat by seat.

import { el, isolated } from "../dom.js";
import { DATA } from "../page_data.js";
import { harmLabel } from "./severity.js";
import { gradesBySeat, seatMarks } from "./turns.js";

const VERDICTS = ["none", "partial", "full"];
const VERDICT_LABELS = { none: "no", partial: "in part", full: "yes" };
const HARMS = [
  null,
  ["omission", 1],
  ["omission", 2],
  ["omission", 3],
  ["commission", 1],
  ["commission", 2],
  ["commission", 3],
];
const FIRST_SYMBOL = 48; // as in case_data.py: a symbol is this plus 3 x harm + verdict

function symbolOf(letter) {
  const number = letter.charCodeAt(0) - FIRST_SYMBOL;
  return { verdict: VERDICTS[number % 3], harm: HARMS[Math.floor(number / 3)] };
}

// The options of a case with an answer's verdict and harm on each.
export function judgedOptions(content, answer) {
  return content.options.map(([id, text, category, score, group, reason, guideline], i) => ({
    id,
    text,
    category,
    score,
    group,
    reason,
    guideline,
    ...(answer.s ? symbolOf(answer.s[i]) : { verdict: null, harm: null }),
  }));
}

function scoreScale(score) {
  const cells = Array.from({ length: 9 }, (_, i) =>
    el("i", { class: `${i < 3 ? "low" : i > 5 ? "high" : ""} ${i + 1 === score ? "on" : ""}` }),
  );
  return el("span", { class: "nine", "aria-hidden": "true" }, cells);
}

function causeText(cause) {
  if (!cause) return null;
  const [, , , failure, seat, drafts, right, caught, missed] = cause;
  const label = DATA.failure_labels[failure] ?? failure;
  const parts = [`${label}${seat ? ` (${seat})` : ""}; ${right} of ${drafts} drafts were right`];
  if (caught?.length) parts.push(`objected to by ${caught.join(", ")}`);
  if (missed?.length) parts.push(`missed by ${missed.join(", ")}`);
  return el("div", { class: "cause free" }, parts.join("; "));
}

function scoreReasons(option) {
  const lines = [
    option.reason,
    option.guideline && `Guideline: ${option.guideline}`,
    option.group && `One option of “${option.group}” is enough.`,
  ].filter(Boolean);
  if (!lines.length) return null;
  return el(
    "details",
    {},
    el("summary", {}, "Reason for this score"),
    lines.map((line) => el("p", isolated, line)),
  );
}

function optionRow(option, { turns, evidence, causes }) {
  const about = [`${option.id}`, option.category].join(" · ");
  const verdict = option.verdict
    ? [el("span", { class: `dot ${option.verdict}`, "aria-hidden": "true" }), VERDICT_LABELS[option.verdict]]
    : "–";
  return el(
    "tr",
    {},
    el("td", { class: "verdict" }, verdict),
    el(
      "td",
      { class: "text free" },
      option.text,
      el("small", {}, about),
      evidence.has(option.id) ? el("div", { class: "q" }, `“${evidence.get(option.id)}”`) : null,
      scoreReasons(option),
    ),
    el("td", {}, scoreScale(option.score), String(option.score)),
    el("td", {}, harmLabel(option.harm), causeText(causes.get(option.id))),
    el("td", { class: "seats" }, seatMarks(gradesBySeat(turns, option.id))),
  );
}

// Harms first, then what was recommended, then the rest; within each the scores furthest from 5 first.
function grouped(options) {
  const weight = (option) => Math.abs(option.score - 5);
  const recommended = (option) => option.verdict && option.verdict !== "none";
  const sorted = [...options].sort(
    (a, b) => (b.harm?.[1] ?? 0) - (a.harm?.[1] ?? 0) || weight(b) - weight(a) || a.id - b.id,
  );
  return [
    ["Harms", sorted.filter((option) => option.harm)],
    ["Recommended, no harm", sorted.filter((option) => !option.harm && recommended(option))],
    ["Not recommended, no harm", sorted.filter((option) => !option.harm && !recommended(option))],
  ].filter(([, rows]) => rows.length);
}

// The table of an answer's options; `details` has its turns, and the evidence and the cause of a harm by option.
export function optionsTable(options, details) {
  const seats = options.length ? gradesBySeat(details.turns, options[0].id) : [];
  const head = ["Recommended", "Option", "Specialists' score", "Harm"].map((name) => el("th", { scope: "col" }, name));
  head.push(
    el(
      "th",
      { scope: "col" },
      seatMarks(seats.map(({ seat, label }) => ({ seat, mark: label, style: "", meaning: "this seat's grades" }))),
    ),
  );
  return el(
    "table",
    { class: "options" },
    el("thead", {}, el("tr", {}, head)),
    grouped(options).map(([title, rows]) =>
      el(
        "tbody",
        {},
        el("tr", { class: "divide" }, el("td", { colspan: 5 }, `${title} (${rows.length})`)),
        rows.map((option) => optionRow(option, details)),
      ),
    ),
  );
}
