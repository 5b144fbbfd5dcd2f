// Replies of agents and judges: grades seat by seat, and every turn's text. Text is inserted as text, never as markup.

import { distinct, el, isolated } from "../dom.js";
import { DATA } from "../page_data.js";

// The grades of a menu reply by option, as in agents/replies/menu.py; null where it is not one.
function parseGrades(text) {
  const fenced = [...(text ?? "").matchAll(/```(?:json)?[ \t]*\n([\s\S]*?)\n[ \t]*```/g)];
  try {
    const rows = JSON.parse(fenced.length === 1 ? fenced[0][1] : text);
    if (!Array.isArray(rows) || !rows.every((row) => Number.isInteger(row?.Option))) return null;
    return new Map(
      rows.map((row) => [row.Option, { yes: row.GradeAI === "Appropriate", why: String(row.Rationale ?? "") }]),
    );
  } catch {
    return null;
  }
}

// The turns of a transcript with their texts, their grades and the properties of their roles.
export function turnsOf(transcript, texts) {
  return (transcript?.turns ?? []).map(([seat, role, mark, about, round, failure, reason, place]) => {
    const text = texts[place] ?? "";
    return { seat, role: DATA.roles[role] ?? {}, mark, about, round, failure, reason, text, grades: parseGrades(text) };
  });
}

const CHANGES = {
  "+": "asks to recommend it",
  "−": "asks not to recommend it",
  "±": "asks to recommend it and not to",
  "·": "asks for no change",
};

// One mark a seat for an option: a full or an open circle for a draft, plus or minus for a change asked for.
export function gradesBySeat(turns, option) {
  const graded = turns.filter((turn) => turn.grades && !turn.role.judges);
  return distinct(graded.map((turn) => turn.seat)).map((seat) => {
    const own = graded.filter((turn) => turn.seat === seat);
    const grades = own.map((turn) => turn.grades.get(option)).filter(Boolean);
    const label = own[0].mark;
    if (own[0].role.objects) return { seat, label, ...changeMark(grades) };
    const yes = grades.at(-1)?.yes;
    return {
      seat,
      label,
      mark: yes ? "●" : "○",
      style: yes ? "yes" : "",
      meaning: yes ? "appropriate" : "not appropriate",
    };
  });
}

function changeMark(grades) {
  const wanted = distinct(grades.map((grade) => grade.yes));
  const mark = wanted.length === 2 ? "±" : wanted[0] === true ? "+" : wanted[0] === false ? "−" : "·";
  return { mark, style: wanted.length ? "objects" : "", meaning: CHANGES[mark] };
}

export function seatMarks(marks) {
  return el(
    "span",
    { class: "seats" },
    marks.map(({ seat, mark, style, meaning }) => el("i", { class: style, title: `${seat}: ${meaning}` }, mark)),
  );
}

function gradesTable(turn, options) {
  const texts = new Map(options.map((option) => [option.id, option.text]));
  const rows = [...turn.grades].map(([id, { yes, why }]) =>
    el(
      "tr",
      {},
      el("td", { class: "n" }, String(id)),
      el(
        "td",
        { class: "grade" },
        el("span", { class: `dot ${yes ? "full" : ""}`, "aria-hidden": "true" }),
        yes ? "appropriate" : "inappropriate",
      ),
      el("td", isolated, texts.get(id) ?? ""),
      el("td", { class: "free why" }, why),
    ),
  );
  return el("table", { class: "grades" }, el("tbody", {}, rows));
}

function gradeCount(turn) {
  if (!turn.grades) return "";
  if (turn.role.objects) return `${turn.grades.size} changes asked for`;
  const yes = [...turn.grades.values()].filter((grade) => grade.yes).length;
  return `${yes} of ${turn.grades.size} appropriate`;
}

function turnCard(turn, { entry, options }, open) {
  const facts = [
    entry.seats[turn.seat],
    turn.about && `on ${turn.about}`,
    turn.round > 1 && `round ${turn.round}`,
    gradeCount(turn),
  ].filter(Boolean);
  return el(
    "details",
    { class: turn.role.reviews ? "turn reviews" : "turn", open },
    el(
      "summary",
      {},
      el("strong", isolated, turn.seat),
      el("span", isolated, facts.join(" · ")),
      turn.failure ? el("span", { class: "bad free" }, [turn.failure, turn.reason].filter(Boolean).join(": ")) : null,
    ),
    el(
      "div",
      { class: "body" },
      turn.grades?.size && !turn.role.judges
        ? gradesTable(turn, options)
        : el("pre", isolated, turn.text || "(no text)"),
    ),
  );
}

function actionsTable(actions, options) {
  const texts = new Map(options.map((option) => [option.id, option.text]));
  const rows = actions.map(([number, action, category, matches, score]) =>
    el(
      "tr",
      {},
      el("td", { class: "n" }, String(number)),
      el("td", isolated, action, el("small", {}, category ?? "")),
      el(
        "td",
        isolated,
        matches.length
          ? matches.map((id) => el("div", {}, `${id}: ${texts.get(id) ?? ""}`))
          : `no option; scored ${score}`,
      ),
    ),
  );
  const head = ["", "Action", "Matching options"].map((name) => el("th", { scope: "col" }, name));
  return el("table", { class: "grades" }, el("thead", {}, el("tr", {}, head)), el("tbody", {}, rows));
}

function turnCards(title, turns, about, open) {
  return turns.length ? [el("h4", {}, title), ...turns.map((turn) => turnCard(turn, about, open))] : [];
}

// The answer's text, its actions, and every turn; `about` has the ensemble's entry and the judged options.
export function transcriptParts(transcript, texts, turns, about) {
  const agents = turns.filter((turn) => !turn.role.judges);
  const judges = turns.filter((turn) => turn.role.judges);
  const answer = texts[transcript.answer?.[0]];
  const parts = [];
  if (answer && !parseGrades(answer)) {
    parts.push(el("h4", {}, "The ensemble's answer"), el("div", { class: "presentation free" }, answer));
  }
  if (transcript.actions) {
    parts.push(el("h4", {}, "Actions in the answer and the options that they match"));
    parts.push(actionsTable(transcript.actions, about.options));
  }
  parts.push(...turnCards("Replies of the agents, in order", agents, about, agents.length === 1 && !agents[0].grades));
  parts.push(...turnCards("Replies of the judges", judges, about, false));
  return parts;
}
