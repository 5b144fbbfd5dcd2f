"use strict";
// One case as it is shown: its head, the same letter in other ensembles, what was recommended and said.

function caseHead(spot) {
  const step = (by, label) =>
    el("button", { type: "button", class: "quiet", "data-step": by, title: by < 0 ? "key k" : "key j" }, label);
  const about = [
    spot.specialty,
    spot.edit && `variant: ${spot.edit}`,
    INDEX.trials > 1 && `trial ${spot.trial}`,
    `answered by ${shown.ensemble}`,
  ].filter(Boolean);
  return [
    el(
      "div",
      { class: "case-head" },
      el("h3", free, spot.item),
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

// The same letter's worst harm in every ensemble, to go from one to another.
function others() {
  const buttons = Object.entries(INDEX.ensembles)
    .filter(([, marks]) => marks.worst[shown.spot] !== " ")
    .map(([i, marks]) => {
      const { name } = DATA.entries[i];
      return el(
        "button",
        { type: "button", "data-ensemble": name, "aria-current": name === shown.ensemble },
        severityMark(marks.worst[shown.spot]),
        el("span", free, name),
      );
    });
  return buttons.length > 1
    ? [el("h4", {}, "The same letter, answered by"), el("div", { class: "others" }, buttons)]
    : [];
}

function answerParts(answer, words, content, options, entry) {
  const turns = turnsOf(words, content.texts);
  const harms = (kind) => options.filter((option) => option.harm?.[0] === kind);
  const number = {
    // What an alternative group leaves out is left out once.
    omission: new Set(harms("omission").map((option) => option.group ?? option.id)).size,
    commission: harms("commission").length + (answer.off ?? []).length,
  };
  const count = (kind) => el("span", {}, el("b", {}, String(number[kind])), ` ${kind}${number[kind] === 1 ? "" : "s"}`);
  const facts = [
    answer.s ? [count("omission"), count("commission")] : el("span", {}, "No score"),
    answer.o === "ok"
      ? null
      : el("span", { class: "harm s3 free" }, [answer.o, answer.reason].filter(Boolean).join(": ")),
    answer.unjudged ? el("span", { class: "harm s3 free" }, `not judged: ${answer.unjudged}`) : null,
    answer.degraded ? el("span", {}, `${answer.degraded} agents without a usable word`) : null,
  ]
    .flat()
    .filter(Boolean);
  const off = (answer.off ?? []).map(([number, severity, text]) =>
    el(
      "p",
      free,
      harmWords(["commission", SEVERITIES.indexOf(severity)]),
      ` action ${number}, which no option has: ${text ?? ""}`,
    ),
  );
  const held = {
    turns,
    evidence: new Map(words?.evidence ?? []),
    causes: new Map((words?.causes ?? []).map((cause) => [cause[0], cause])),
  };
  const said = words
    ? saidParts(words, content.texts, turns, entry, options)
    : entry.kind === "control"
      ? []
      : [
          el(
            "p",
            { class: "note" },
            "The words of this answer are not in this file: ",
            el("code", {}, `primum report ${DATA.study} --ensemble ${entry.name}`),
            " puts them first.",
          ),
        ];
  return [
    el("h4", {}, "What was recommended, held against the specialists' scores"),
    el("p", { class: "sum" }, facts),
    ...off,
    optionsTable(options, held),
    ...said,
  ];
}
