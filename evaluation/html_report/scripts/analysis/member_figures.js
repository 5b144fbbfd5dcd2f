// Shapley values of generators, teams beside their members, and numbers of agents.

import { $, distinct, fillSelect } from "../dom.js";
import { escapeMarkup, figure } from "../figures.js";
import { TABLES, UNITS, measureOf } from "../page_data.js";
import { metricsIn } from "./metric_choices.js";

figure("shapley_values", (c) => {
  const [key, game] = [$("shapley_values-of").value, $("shapley_values-game").value];
  const rows = TABLES.shapley_values
    .filter((row) => `${row.definition}/${row.metric}` === key && row.game === game)
    .sort((a, b) => b.shapley - a.shapley);
  const measure = measureOf(key);
  const y = rows.map((row) => escapeMarkup(row.model));
  const bars = {
    type: "bar",
    orientation: "h",
    y,
    x: rows.map((row) => row.shapley),
    name: rows.every((row) => row.exact) ? "Shapley value" : "Shapley value (sampled)",
    marker: { color: c.sky },
    error_x: {
      type: "data",
      symmetric: false,
      thickness: 1.3,
      width: 4,
      color: c.ink,
      array: rows.map((row) => (row.hi ?? row.shapley) - row.shapley),
      arrayminus: rows.map((row) => row.shapley - (row.lo ?? row.shapley)),
    },
    customdata: rows.map((row) => [row.orders, row.sampling_error?.toFixed(4) ?? "–", row.cases]),
    hovertemplate:
      "%{y}: %{x:.3f}<br>%{customdata[0]} orders, sampling error %{customdata[1]}<br>%{customdata[2]} cases<extra></extra>",
  };
  const leaveOneOut = {
    type: "scatter",
    mode: "markers",
    y,
    x: rows.map((row) => row.leave_one_out),
    name: "whole team minus team without it",
    marker: { symbol: "diamond-open", size: 9, color: c.ink, line: { width: 1.6 } },
    hovertemplate: "%{y}: %{x:.3f}<extra></extra>",
  };
  return {
    traces: [bars, leaveOneOut],
    layout: {
      height: 130 + 34 * rows.length,
      bargap: 0.45,
      xaxis: { title: `change of ${measure.label}`, tickformat: UNITS[measure.unit].ticks, zeroline: true },
      yaxis: {},
    },
  };
}, () => {
  fillSelect($("shapley_values-of"), metricsIn(TABLES.shapley_values));
  const games = distinct(TABLES.shapley_values.map((row) => row.game));
  fillSelect(
    $("shapley_values-game"),
    games.map((name) => [name, name]),
  );
});

// A long name with its middle omitted.
function shortened(name) {
  return name.length > 44 ? `${name.slice(0, 26)}…${name.slice(-17)}` : name;
}

figure("ceilings", (c) => {
  const key = $("ceilings-of").value;
  const rows = TABLES.ceilings
    .filter((row) => `${row.definition}/${row.metric}` === key)
    .sort((a, b) => (measureOf(key).lower ? 1 : -1) * (a.actual - b.actual))
    .slice(0, 20);
  const unit = measureOf(key).unit;
  const y = rows.map((_, i) => i);
  const names = rows.map((row) => escapeMarkup(shortened(row.ensemble)));
  const dots = [
    ["mean_member", "mean member", "line-ns-open", "soft"],
    ["best_member", "best member", "diamond-open", "red"],
    ["oracle", "best member's answer to each item", "star-open", "green"],
    ["independent", "majority of independent members", "square-open", "pink"],
    ["actual", "the team", "circle", "blue"],
  ];
  const traces = dots.map(([name, label, symbol, colour]) => ({
    type: "scatter",
    mode: "markers",
    name: label,
    y,
    x: rows.map((row) => row[name]),
    marker: { symbol, size: 10, color: c[colour], line: { width: 1.8, color: c[colour] } },
    customdata: rows.map((row) => escapeMarkup(row.ensemble)),
    hovertemplate: `%{customdata}, ${label}: %{x:.3f}<extra></extra>`,
  }));
  return {
    traces,
    layout: {
      height: 160 + 26 * rows.length,
      xaxis: { title: measureOf(key).label, tickformat: UNITS[unit].ticks },
      yaxis: { autorange: "reversed", tickvals: y, ticktext: names },
    },
  };
}, () => fillSelect($("ceilings-of"), metricsIn(TABLES.ceilings)));

figure("sizes", (c) => {
  const of = $("sizes-of").value;
  const rows = TABLES.team_sizes.filter((row) => row.metric === of).sort((a, b) => a.agents - b.agents);
  const about = rows.map((row) => [row.ensembles, row.median_severe_rate]);
  const line = (name, values, colour, symbol, more) => ({
    type: "scatter",
    mode: "lines+markers",
    name,
    x: rows.map((row) => row.agents),
    y: values,
    line: { color: c[colour], width: 1.4 },
    marker: { symbol, size: 9, color: c[colour] },
    customdata: about,
    hovertemplate: `%{x} agents, %{customdata[0]} ensembles: %{y:.3f}<br>median severe harm %{customdata[1]:.1%}<extra>${name}</extra>`,
    ...more,
  });
  const odds = {
    yaxis: "y2",
    error_y: {
      type: "data",
      symmetric: false,
      thickness: 1.2,
      width: 3,
      color: c.red,
      array: rows.map((row) => (row.hi ?? row.odds_ratio) - row.odds_ratio),
      arrayminus: rows.map((row) => row.odds_ratio - (row.lo ?? row.odds_ratio)),
    },
  };
  return {
    traces: [
      line(
        `median ${escapeMarkup(of.replaceAll("_", " "))}`,
        rows.map((row) => row.median),
        "blue",
        "circle",
        {},
      ),
      line(
        "odds of the best quarter, relative to single models",
        rows.map((row) => row.odds_ratio),
        "red",
        "diamond",
        odds,
      ),
    ],
    layout: {
      height: 380,
      xaxis: { title: "agents", dtick: 1, anchor: "y2" },
      yaxis: { domain: [0.56, 1] },
      yaxis2: { domain: [0, 0.44], type: "log", dtick: 1 },
    },
  };
}, () => {
  const metrics = distinct(TABLES.team_sizes.map((row) => row.metric));
  fillSelect(
    $("sizes-of"),
    metrics.map((name) => [name, name.replaceAll("_", " ")]),
  );
});
