// The case browser: which answers are listed, which one is shown, and the link that restores it.

import { caseView } from "./case_view.js";
import { $, el, fillSelect, isolated, on, whenNear } from "../dom.js";
import { DATA, compressedData, inflate } from "../page_data.js";
import { severityIcon } from "./severity.js";

const MAX_LISTED = 400;
const FILTERS = {
  severe: (marks, i) => marks.worst[i] === "3",
  missed: (marks, i) => marks.missed[i] === "1",
  dropped: (marks, i) => marks.dropped[i] === "1",
};
const shown = { ensemble: null, position: 0, only: new Set(), find: "" };
const contents = new Map();
let index = null;
let positions = []; // every item and trial, in the order of the index

async function loadIndex() {
  if (index) return;
  const loaded = await compressedData("index");
  if (index) return;
  index = loaded;
  positions = index.cases.flatMap(([base, specialty, items]) =>
    items.flatMap(([item, edit]) =>
      Array.from({ length: index.trials }, (_, n) => ({ base, specialty, item, edit, trial: n + 1 })),
    ),
  );
  const names = Object.keys(index.ensembles).map((i) => DATA.entries[i].name);
  shown.ensemble ??= names[0];
  fillSelect(
    $("case-ensemble"),
    names.map((name) => [name, name]),
    shown.ensemble,
  );
}

function entryIndex(name) {
  return DATA.entries.findIndex((entry) => entry.name === name);
}

// One character for each position: the worst harm, and flags, of the ensemble that is shown.
function shownMarks() {
  return index.ensembles[entryIndex(shown.ensemble)];
}

function listedPositions() {
  const marks = shownMarks();
  return positions
    .map((_, i) => i)
    .filter((i) => {
      const { base, specialty, item, edit } = positions[i];
      const text = [base, specialty, item, edit].join(" ").toLowerCase();
      return (
        marks.worst[i] !== " " && text.includes(shown.find) && [...shown.only].every((flag) => FILTERS[flag](marks, i))
      );
    });
}

function listRow(i) {
  const { item, specialty, edit, trial } = positions[i];
  const hasText = shownMarks().has_text[i] === "1";
  const about = [edit ? `${specialty}, ${edit}` : specialty, index.trials > 1 && `trial ${trial}`]
    .filter(Boolean)
    .join(" · ");
  return el(
    "li",
    {},
    el(
      "button",
      { type: "button", "data-position": i, "aria-current": i === shown.position },
      severityIcon(shownMarks().worst[i]),
      el("span", isolated, el("strong", {}, item), el("small", {}, about)),
      el(
        "small",
        { title: hasText ? "The text of this answer is in this file" : "The text of this answer is not in this file" },
        hasText ? "¶" : "",
      ),
    ),
  );
}

function showList() {
  const listed = listedPositions();
  $("case-list").replaceChildren(...listed.slice(0, MAX_LISTED).map(listRow));
  const more = listed.length > MAX_LISTED ? `; the first ${MAX_LISTED} are listed` : "";
  $("case-count").textContent = `${listed.length} of ${positions.length} answers${more}`;
  return listed;
}

// A case's part: its items and options, its answers and their transcripts, each text once.
async function caseContent(base) {
  if (!contents.has(base)) {
    const node = [...document.querySelectorAll(".part")].find((script) => script.dataset.case === base);
    contents.set(base, inflate(node).then(parseCase));
  }
  return contents.get(base);
}

function parseCase(text) {
  const [content, ...lines] = text
    .trim()
    .split("\n")
    .map((line) => JSON.parse(line));
  const parsed = { ...content, answers: new Map(), transcripts: new Map(), texts: [] };
  for (const line of lines) {
    if (line.transcript) {
      parsed.transcripts.set(line.transcript.join("|"), line);
      parsed.texts.push(...line.texts);
    } else parsed.answers.set([line.e, line.t, line.n].join("|"), line);
  }
  return parsed;
}

async function showCase() {
  const position = positions[shown.position];
  const requested = [shown.ensemble, shown.position].join("|");
  const content = await caseContent(position.base);
  if (requested !== [shown.ensemble, shown.position].join("|")) return;
  const e = entryIndex(shown.ensemble);
  const key = [e, position.item, position.trial].join("|");
  $("case").replaceChildren(
    ...caseView({
      position,
      content,
      trials: index.trials,
      entry: DATA.entries[e],
      worst: worstByEnsemble(),
      answer: content.answers.get(key),
      transcript: content.transcripts.get(key),
    }),
  );
  markCurrent();
  writeLink(position);
}

// The worst harm of the same item's answers, by the name of the ensemble.
function worstByEnsemble() {
  return Object.entries(index.ensembles)
    .map(([i, marks]) => [DATA.entries[i].name, marks.worst[shown.position]])
    .filter(([, worst]) => worst !== " ");
}

function markCurrent() {
  for (const button of $("case-list").querySelectorAll("button")) {
    const current = Number(button.dataset.position) === shown.position;
    button.setAttribute("aria-current", current);
    if (current)
      button.parentElement.parentElement.scrollTop = Math.max(
        0,
        button.parentElement.offsetTop - $("case-list").offsetTop - 120,
      );
  }
}

function writeLink({ item, trial }) {
  const state = new URLSearchParams({ case: item, ensemble: shown.ensemble, trial });
  if (shown.only.size) state.set("only", [...shown.only].join(","));
  history.replaceState(null, "", `#${state}`);
}

// Restore what a link names; the rest stays as it is, and an ensemble alone opens its first answer.
async function readLink() {
  const state = new URLSearchParams(location.hash.slice(1));
  if (!state.has("case") && !state.has("ensemble")) return false;
  await loadIndex();
  const name = state.get("ensemble");
  if (name && entryIndex(name) in index.ensembles) shown.ensemble = name;
  if (state.has("only"))
    shown.only = new Set(
      state
        .get("only")
        .split(",")
        .filter((flag) => flag in FILTERS),
    );
  const trial = Number(state.get("trial") ?? 1);
  await openCases(positions.findIndex((one) => one.item === state.get("case") && one.trial === trial));
  $("cases").scrollIntoView();
  return true;
}

async function openCases(position = -1) {
  await loadIndex();
  $("case-ensemble").value = shown.ensemble;
  for (const chip of document.querySelectorAll(".chip"))
    chip.setAttribute("aria-pressed", shown.only.has(chip.dataset.only));
  const listed = showList();
  const firstSevere = listed.find((i) => FILTERS.severe(shownMarks(), i));
  shown.position = position >= 0 ? position : (firstSevere ?? listed[0] ?? 0);
  await showCase();
}

function stepBy(number) {
  const listed = listedPositions();
  const at = listed.indexOf(shown.position);
  const next = at < 0 ? listed[0] : listed[at + number];
  if (next === undefined) return;
  shown.position = next;
  showCase();
}

on("case-ensemble", "change", (event) => {
  shown.ensemble = event.target.value;
  openCases();
});
on("case-find", "input", (event) => {
  shown.find = event.target.value.trim().toLowerCase();
  showList();
  markCurrent();
});
on("case-list", "click", (event) => {
  const row = event.target.closest("[data-position]");
  if (row) {
    shown.position = Number(row.dataset.position);
    showCase();
  }
});
on("case-list", "keydown", (event) => {
  const sibling = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = sibling && event.target.closest("li")?.[sibling];
  if (!next) return;
  event.preventDefault();
  next.firstElementChild.focus();
});
for (const chip of document.querySelectorAll(".chip")) {
  chip.addEventListener("click", () => {
    const { only } = chip.dataset;
    shown.only.has(only) ? shown.only.delete(only) : shown.only.add(only);
    openCases();
  });
}
on("case", "click", (event) => {
  const other = event.target.closest("[data-ensemble]");
  if (other) {
    shown.ensemble = other.dataset.ensemble;
    openCases(shown.position);
  }
  const step = event.target.closest("[data-step]");
  if (step) stepBy(Number(step.dataset.step));
});
addEventListener("keydown", (event) => {
  if (!index || event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey)
    return;
  if (event.key === "j") stepBy(1);
  if (event.key === "k") stepBy(-1);
});
addEventListener("hashchange", readLink);
readLink().then((restored) => restored || whenNear($("cases"), () => index || openCases()));
