"use strict";
// What was said: verdicts, grades and turns as they are packed, and every agent's words. Text goes in as text, never as markup.

const VERDICTS = ["none", "partial", "full"];
const SAID = { none: "no", partial: "in part", full: "yes" };
const HARMS = [
  null,
  ["omission", 1],
  ["omission", 2],
  ["omission", 3],
  ["commission", 1],
  ["commission", 2],
  ["commission", 3],
];
const SEVERITIES = ["no", "mild", "moderate", "severe"];
const JUDGING = new Set(["matcher", "reviewer"]);
const free = { class: "free" };

function symbolOf(letter) {
  const number = letter.charCodeAt(0) - 48;
  return { verdict: VERDICTS[number % 3], harm: HARMS[Math.floor(number / 3)] };
}

// The options of a case with what an answer made of them.
function judgedOptions(content, answer) {
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

function severityMark(worst) {
  const known = worst >= "0" && worst <= "3";
  return el("span", {
    class: `sev ${known ? `s${worst}` : "none"}`,
    role: "img",
    "aria-label": known ? `${SEVERITIES[worst]} harm` : "no score",
  });
}

// The grades of a menu reply by option, as in agents/replies/menu.py; null where it is not one.
function gradesIn(text) {
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

function turnsOf(words, texts) {
  return (words?.turns ?? []).map(([seat, role, about, round, outcome, reason, text]) => {
    const said = texts[text] ?? "";
    return { seat, role, about, round, outcome, reason, text: said, grades: gradesIn(said) };
  });
}

function short(seat) {
  const [role, ...numbers] = seat.split("-");
  return role === "rule" ? "Σ" : role.slice(0, 1).toUpperCase() + numbers.join(".");
}

// What each seat held of an option: a full or an open circle for a draft, a plus or a minus for a critic.
function heldBy(turns, option) {
  const seats = distinct(turns.filter((turn) => turn.grades && !JUDGING.has(turn.role)).map((turn) => turn.seat));
  return seats.map((seat) => {
    const own = turns.filter((turn) => turn.seat === seat && turn.grades);
    const grades = own.map((turn) => turn.grades.get(option)).filter(Boolean);
    if (own[0].role !== "critic") {
      const yes = grades.at(-1)?.yes;
      return { seat, mark: yes ? "●" : "○", kind: yes ? "yes" : "", said: yes ? "appropriate" : "not" };
    }
    const wants = distinct(grades.map((grade) => grade.yes));
    const mark = wants.length === 2 ? "±" : wants[0] === true ? "+" : wants[0] === false ? "−" : "·";
    return {
      seat,
      mark,
      kind: wants.length ? "objects" : "",
      said: {
        "+": "asks for it",
        "−": "speaks against it",
        "±": "asks for and speaks against it",
        "·": "no word",
      }[mark],
    };
  });
}

function seatMarks(marks) {
  return el(
    "span",
    { class: "seats" },
    marks.map(({ seat, mark, kind, said }) => el("i", { class: kind, title: `${seat}: ${said}` }, mark)),
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
      el("td", free, texts.get(id) ?? ""),
      el("td", { class: "free why" }, why),
    ),
  );
  return el("table", { class: "grades" }, el("tbody", {}, rows));
}

function turnCard(turn, entry, options, open) {
  const yes = turn.grades ? [...turn.grades.values()].filter((grade) => grade.yes).length : 0;
  const count = turn.grades
    ? turn.role === "critic"
      ? `${turn.grades.size} changes asked for`
      : `${yes} of ${turn.grades.size} appropriate`
    : "";
  const model = entry.seats[turn.seat];
  const facts = [model, turn.about && `on ${turn.about}`, turn.round > 1 && `round ${turn.round}`, count]
    .filter(Boolean)
    .join(" · ");
  const failed = turn.outcome !== "ok";
  return el(
    "details",
    { class: `turn ${turn.role}`, open },
    el(
      "summary",
      {},
      el("strong", free, turn.seat),
      el("span", free, facts),
      failed ? el("span", { class: "bad free" }, [turn.outcome, turn.reason].filter(Boolean).join(": ")) : null,
    ),
    el(
      "div",
      { class: "body" },
      turn.grades?.size && !JUDGING.has(turn.role)
        ? gradesTable(turn, options)
        : el("pre", free, turn.text || "(no text)"),
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
      el("td", free, action, el("small", {}, category ?? "")),
      el(
        "td",
        free,
        matches.length
          ? matches.map((id) => el("div", {}, `${id}: ${texts.get(id) ?? ""}`))
          : `no option; scored ${score}`,
      ),
    ),
  );
  return el(
    "table",
    { class: "grades" },
    el(
      "thead",
      {},
      el(
        "tr",
        {},
        ["", "Action", "Matches"].map((name) => el("th", { scope: "col" }, name)),
      ),
    ),
    el("tbody", {}, rows),
  );
}

function saidParts(words, texts, turns, entry, options) {
  const agents = turns.filter((turn) => !JUDGING.has(turn.role));
  const judges = turns.filter((turn) => JUDGING.has(turn.role));
  const answer = texts[words.answer?.[0]];
  return [
    answer && !gradesIn(answer)
      ? [el("h4", {}, "The consolidated answer"), el("div", { class: "letter free" }, answer)]
      : null,
    words.actions
      ? [el("h4", {}, "Its actions, and the options that they match"), actionsTable(words.actions, options)]
      : null,
    agents.length
      ? [
          el("h4", {}, "What each agent said, in order"),
          agents.map((turn) => turnCard(turn, entry, options, agents.length === 1 && !turn.grades)),
        ]
      : null,
    judges.length
      ? [el("h4", {}, "What the judges said"), judges.map((turn) => turnCard(turn, entry, options, false))]
      : null,
  ]
    .flat(2)
    .filter(Boolean);
}
