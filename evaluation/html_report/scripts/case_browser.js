"use strict";
// The case browser: which answers are listed, which one is shown, and the link that says so.

const LISTED = 400;
const FLAGS = {
  severe: (own, i) => own.worst[i] === "3",
  missed: (own, i) => own.missed[i] === "1",
  dropped: (own, i) => own.dropped[i] === "1",
};
const shown = { ensemble: null, spot: 0, only: new Set(), find: "" };
const contents = new Map();
let INDEX = null;
let SPOTS = [];

async function openIndex() {
  if (INDEX) return;
  const index = await part("index");
  if (INDEX) return;
  INDEX = index;
  SPOTS = index.cases.flatMap(([base, specialty, letters]) =>
    letters.flatMap(([item, edit]) =>
      Array.from({ length: index.trials }, (_, n) => ({ base, specialty, item, edit, trial: n + 1 })),
    ),
  );
  const names = Object.keys(index.ensembles).map((i) => DATA.entries[i].name);
  shown.ensemble ??= names[0];
  fill(
    $("case-ensemble"),
    names.map((name) => [name, name]),
    shown.ensemble,
  );
}

function place(name) {
  return DATA.entries.findIndex((entry) => entry.name === name);
}

function own() {
  return INDEX.ensembles[place(shown.ensemble)];
}

function listedSpots() {
  return SPOTS.map((_, i) => i).filter((i) => {
    const { base, specialty, item, edit } = SPOTS[i];
    const text = [base, specialty, item, edit].join(" ").toLowerCase();
    return (
      own().worst[i] !== " " && text.includes(shown.find) && [...shown.only].every((flag) => FLAGS[flag](own(), i))
    );
  });
}

function showList() {
  const spots = listedSpots();
  const rows = spots.slice(0, LISTED).map((i) => {
    const { item, specialty, edit, trial } = SPOTS[i];
    const about = [edit ? `${specialty}, ${edit}` : specialty, INDEX.trials > 1 && `trial ${trial}`]
      .filter(Boolean)
      .join(" · ");
    return el(
      "li",
      {},
      el(
        "button",
        { type: "button", "data-spot": i, "aria-current": i === shown.spot },
        severityMark(own().worst[i]),
        el("span", free, el("strong", {}, item), el("small", {}, about)),
        el(
          "small",
          { title: own().told[i] === "1" ? "its words are here" : "its words are not in this file" },
          own().told[i] === "1" ? "¶" : "",
        ),
      ),
    );
  });
  $("case-list").replaceChildren(...rows);
  const more = spots.length > LISTED ? `; the first ${LISTED} are listed` : "";
  $("case-count").textContent = `${spots.length} of ${SPOTS.length} answers${more}`;
  return spots;
}

// A case's part: its letter and options, its answers and their words, each text once.
async function contentOf(base) {
  if (!contents.has(base)) {
    const node = [...document.querySelectorAll(".part")].find((script) => script.dataset.case === base);
    contents.set(
      base,
      inflate(node).then((text) => {
        const [content, ...lines] = text
          .trim()
          .split("\n")
          .map((line) => JSON.parse(line));
        const found = { ...content, answers: new Map(), words: new Map(), texts: [] };
        for (const line of lines) {
          if (line.w) {
            found.words.set(line.w.join("|"), line);
            found.texts.push(...line.texts);
          } else found.answers.set([line.e, line.t, line.n].join("|"), line);
        }
        return found;
      }),
    );
  }
  return contents.get(base);
}

async function showCase({ focus = false } = {}) {
  const spot = SPOTS[shown.spot];
  const asked = [shown.ensemble, shown.spot].join("|");
  const content = await contentOf(spot.base);
  if (asked !== [shown.ensemble, shown.spot].join("|")) return;
  const e = place(shown.ensemble);
  const key = [e, spot.item, spot.trial].join("|");
  const [answer, words] = [content.answers.get(key), content.words.get(key)];
  const letter = content.letters.find(([item]) => item === spot.item);
  const options = answer ? judgedOptions(content, answer) : [];
  $("case").replaceChildren(
    ...caseHead(spot),
    el("div", { class: "letter free" }, letter[2]),
    ...others(spot),
    ...(answer
      ? answerParts(answer, words, content, options, DATA.entries[e])
      : [el("p", { class: "empty" }, "No answer of this ensemble to this letter.")]),
  );
  if (focus) $("case").focus({ preventScroll: true });
  markCurrent();
  writeLink(spot);
}

function markCurrent() {
  for (const button of $("case-list").querySelectorAll("button")) {
    const current = Number(button.dataset.spot) === shown.spot;
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

// Restore what a link says; what it does not say stays, and an ensemble alone opens its first answer.
async function readLink() {
  const state = new URLSearchParams(location.hash.slice(1));
  if (!state.has("case") && !state.has("ensemble")) return false;
  await openIndex();
  const name = state.get("ensemble");
  if (name && place(name) in INDEX.ensembles) shown.ensemble = name;
  if (state.has("only"))
    shown.only = new Set(
      state
        .get("only")
        .split(",")
        .filter((flag) => flag in FLAGS),
    );
  const trial = Number(state.get("trial") ?? 1);
  const spot = SPOTS.findIndex((one) => one.item === state.get("case") && one.trial === trial);
  await openCases(spot);
  $("cases").scrollIntoView();
  return true;
}

async function openCases(spot = -1) {
  await openIndex();
  $("case-ensemble").value = shown.ensemble;
  for (const chip of document.querySelectorAll(".chip"))
    chip.setAttribute("aria-pressed", shown.only.has(chip.dataset.only));
  const spots = showList();
  shown.spot = spot >= 0 ? spot : (spots.find((i) => own().worst[i] === "3") ?? spots[0] ?? 0);
  await showCase();
}

function step(by) {
  const spots = listedSpots();
  const at = spots.indexOf(shown.spot);
  const next = at < 0 ? spots[0] : spots[at + by];
  if (next === undefined) return;
  shown.spot = next;
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
  const row = event.target.closest("[data-spot]");
  if (row) {
    shown.spot = Number(row.dataset.spot);
    showCase();
  }
});
on("case-list", "keydown", (event) => {
  const by = { ArrowDown: "nextElementSibling", ArrowUp: "previousElementSibling" }[event.key];
  const next = by && event.target.closest("li")?.[by];
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
$("case").addEventListener("click", (event) => {
  const other = event.target.closest("[data-ensemble]");
  if (other) {
    shown.ensemble = other.dataset.ensemble;
    openCases(shown.spot);
  }
  const move = event.target.closest("[data-step]");
  if (move) step(Number(move.dataset.step));
});
addEventListener("keydown", (event) => {
  if (!INDEX || event.target.closest("input, select, textarea") || event.ctrlKey || event.metaKey || event.altKey)
    return;
  if (event.key === "j") step(1);
  if (event.key === "k") step(-1);
});
addEventListener("hashchange", readLink);
readLink().then((restored) => restored || whenNear($("cases"), () => INDEX || openCases()));
document.documentElement.dataset.ready = "yes";
