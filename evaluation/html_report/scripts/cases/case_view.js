// One case as it is shown: its heading, its presentation, the other ensembles' answers, and one answer in full.

import { el, isolated } from "../dom.js";
import { judgedOptions, optionsTable } from "./option_table.js";
import { DATA } from "../page_data.js";
import { SEVERITIES, harmLabel, severityIcon } from "./severity.js";
import { transcriptParts, turnsOf } from "./turns.js";

// The elements of one answer to one item; `answer` and `transcript` are undefined where the file has none.
export function caseView(view) {
  const { position, content, answer, worst, entry } = view;
  const item = content.items.find(([item]) => item === position.item);
  return [
    ...heading(view),
    el("div", { class: "presentation free" }, item[2]),
    ...otherEnsembles(worst, entry.name),
    ...(answer ? answerParts(view) : [el("p", { class: "empty" }, "This ensemble gave no answer to this item.")]),
  ];
}

function heading({ position, trials, entry }) {
  const step = (number, label) =>
    el(
      "button",
      { type: "button", class: "quiet", "data-step": number, title: number < 0 ? "Key: k" : "Key: j" },
      label,
    );
  const about = [
    position.specialty,
    position.edit && `variant: ${position.edit}`,
    trials > 1 && `trial ${position.trial}`,
    `answered by ${entry.name}`,
  ].filter(Boolean);
  return [
    el(
      "div",
      { class: "case-head" },
      el("h3", isolated, position.item),
      el("span", { class: "steps" }, step(-1, "← Previous"), step(1, "Next →")),
    ),
    el(
      "p",
      { class: "case-meta free" },
      about.join(" · "),
      " ",
      el(
        "span",
        { class: "tags" },
        DATA.tags.map((tag) => el("span", { class: "tag" }, tag)),
      ),
    ),
  ];
}

// Buttons that show the same item's answer by each ensemble, with the worst harm in it.
function otherEnsembles(worst, current) {
  const buttons = worst.map(([name, severity]) =>
    el(
      "button",
      { type: "button", "data-ensemble": name, "aria-current": name === current },
      severityIcon(severity),
      el("span", isolated, name),
    ),
  );
  return buttons.length > 1
    ? [el("h4", {}, "Answers of all ensembles to this item"), el("div", { class: "others" }, buttons)]
    : [];
}

function answerParts({ content, answer, transcript, entry }) {
  const options = judgedOptions(content, answer);
  const turns = turnsOf(transcript, content.texts);
  const details = {
    turns,
    evidence: new Map(transcript?.evidence ?? []),
    causes: new Map((transcript?.causes ?? []).map((cause) => [cause[0], cause])),
  };
  return [
    el("h4", {}, "Recommendations compared with the specialists' scores"),
    el("p", { class: "sum" }, answerSummary(answer, options)),
    ...(answer.off ?? []).map(unlistedAction),
    optionsTable(options, details),
    ...(transcript ? transcriptParts(transcript, content.texts, turns, { entry, options }) : missingTranscript(entry)),
  ];
}

// How many harms the answer has, and what was wrong with it; an alternative group is omitted once.
function answerSummary(answer, options) {
  const harms = (kind) => options.filter((option) => option.harm?.[0] === kind);
  const number = {
    omission: new Set(harms("omission").map((option) => option.group ?? option.id)).size,
    commission: harms("commission").length + (answer.off ?? []).length,
  };
  const count = (kind) => el("span", {}, el("b", {}, String(number[kind])), ` ${kind}${number[kind] === 1 ? "" : "s"}`);
  const failed = answer.failure && [answer.failure, answer.reason].filter(Boolean).join(": ");
  return [
    ...(answer.s ? [count("omission"), count("commission")] : [el("span", {}, "No score")]),
    failed ? el("span", { class: "harm s3 free" }, failed) : null,
    answer.unjudged ? el("span", { class: "harm s3 free" }, `not judged: ${answer.unjudged}`) : null,
    answer.degraded ? el("span", {}, `${answer.failure ? "" : "degraded: "}${answer.degraded} agents without a usable reply`) : null,
  ].filter(Boolean);
}

function unlistedAction([number, severity, text]) {
  return el(
    "p",
    isolated,
    harmLabel(["commission", SEVERITIES.indexOf(severity)]),
    ` action ${number}, which matches no option: ${text ?? ""}`,
  );
}

function missingTranscript(entry) {
  if (!entry.has_text) return [];
  return [
    el(
      "p",
      { class: "note" },
      "The text of this answer is not in this file. ",
      el("code", {}, `primum report ${DATA.study} --ensemble ${entry.name}`),
      " makes a report that includes it.",
    ),
  ];
}
