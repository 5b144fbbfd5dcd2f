// How harms of teams came about, and what each seat did with them.

import { $, distinct, fillSelect } from "../dom.js";
import { escapeMarkup, figure } from "../figures.js";
import { DATA, TABLES } from "../page_data.js";

const SEVERITY = [
  ["mild", "sky", ""],
  ["moderate", "amber", "/"],
  ["severe", "red", "x"],
];

// The ensembles that a table has rows of, in the order of the leaderboard, as options of a select element.
function ensemblesIn(rows) {
  const names = DATA.entries.map((entry) => entry.name).filter((name) => rows.some((row) => row.ensemble === name));
  return names.map((name) => [name, name]);
}

// A pattern over a colour, so that colour is not the only distinction.
function hatch(shape, c) {
  return { shape, fillmode: "overlay", fgcolor: c.paper, size: 6, solidity: 0.22 };
}

figure("failures", (c) => {
  const of = $("failures-of").value;
  const rows = TABLES.failures.filter((row) => !of || row.ensemble === of);
  const total = (failure) => rows.filter((row) => row.failure === failure).reduce((sum, row) => sum + row.harms, 0);
  const kinds = distinct(rows.map((row) => row.failure)).sort((a, b) => total(a) - total(b));
  const traces = SEVERITY.toReversed().map(([severity, colour, pattern]) => ({
    type: "bar",
    orientation: "h",
    name: severity,
    y: kinds.map((kind) => escapeMarkup(DATA.failure_labels[kind] ?? kind)),
    x: kinds.map((kind) =>
      rows.filter((row) => row.failure === kind && row.severity === severity).reduce((sum, row) => sum + row.harms, 0),
    ),
    marker: { color: c[colour], pattern: hatch(pattern, c) },
    hovertemplate: `%{y}: %{x} ${severity}<extra></extra>`,
  }));
  return {
    traces,
    layout: {
      height: 120 + 30 * kinds.length,
      barmode: "stack",
      bargap: 0.35,
      xaxis: { title: "harms" },
      yaxis: {},
    },
  };
}, () => fillSelect($("failures-of"), [["", "all teams"], ...ensemblesIn(TABLES.failures)], ""));

figure("flows", (c) => {
  const [of, severity] = [$("flows-of").value, $("flows-severity").value];
  const rows = TABLES.flows.filter((row) => row.ensemble === of && (!severity || row.severity === severity));
  const order = Object.keys(DATA.entries.find((entry) => entry.name === of)?.seats ?? {});
  const seats = distinct(rows.map((row) => row.seat)).sort(
    (a, b) => ((order.indexOf(a) + 99) % 99) - ((order.indexOf(b) + 99) % 99),
  );
  const sum = (seat, name) => rows.filter((row) => row.seat === seat).reduce((all, row) => all + row[name], 0);
  const label = (seat) => escapeMarkup([seat, rows.find((row) => row.seat === seat).model].filter(Boolean).join(" · "));
  const roleOf = (seat) => DATA.roles[rows.find((row) => row.seat === seat).role];
  const notRemoved = (seat) =>
    Math.max(
      0,
      sum(seat, "wrong_out") - (roleOf(seat)?.objects ? 0 : sum(seat, "broken")),
    );
  const bar = (name, values, colour, pattern) => ({
    type: "bar",
    orientation: "h",
    name,
    y: seats.map(label),
    x: values,
    marker: { color: c[colour], pattern: hatch(pattern, c) },
    customdata: values.map(Math.abs),
    hovertemplate: `%{y}: %{customdata} ${name}<extra></extra>`,
  });
  const traces = [
    bar(
      "removed",
      seats.map((seat) => -sum(seat, "fixed")),
      "blue",
      "",
    ),
    bar("not removed", seats.map(notRemoved), "border", ""),
    bar(
      "introduced",
      seats.map((seat) => sum(seat, "broken")),
      "red",
      "/",
    ),
  ];
  return {
    traces,
    layout: {
      height: 130 + 34 * seats.length,
      barmode: "relative",
      bargap: 0.35,
      xaxis: { title: "← removed   harms   remaining →", zeroline: true },
      yaxis: { autorange: "reversed" },
    },
  };
}, () => fillSelect($("flows-of"), ensemblesIn(TABLES.flows)));

