// What a model changes in a role, and how harms of two models are correlated: heat maps.

import { $, distinct, fillSelect } from "../dom.js";
import { escapeMarkup, figure } from "../figures.js";
import { TABLES, formatValue, measureOf } from "../page_data.js";
import { metricsIn } from "./metric_choices.js";

function scaleOf(values, c) {
  const most = Math.max(1e-9, ...values.filter((value) => value !== null).map(Math.abs));
  return {
    zmin: -most,
    zmax: most,
    colorscale: [
      [0, c.blue],
      [0.5, c.paper],
      [1, c.red],
    ],
  };
}

// A heat map with the number in each cell, so that colour is not the only distinction.
function heat(x, y, z, text, c, scale) {
  return {
    type: "heatmap",
    x: x.map(escapeMarkup),
    y: y.map(escapeMarkup),
    z,
    text,
    texttemplate: "%{text}",
    xgap: 2,
    ygap: 2,
    showscale: false,
    hoverongaps: false,
    textfont: { size: 11 },
    hovertemplate: "%{y}, %{x}: %{text}<extra></extra>",
    ...scale,
  };
}

const NO_MODEL = "(no model)";
const SITUATIONS = { add: "it is added", swap: "it replaces any other" };

function effectChoices() {
  fillSelect($("effects-of"), metricsIn(TABLES.effects));
  const kinds = distinct(TABLES.effects.map((row) => row.kind)).sort();
  fillSelect(
    $("effects-kind"),
    kinds.map((kind) => [kind, SITUATIONS[kind] ?? kind]),
  );
}

figure("effects", (c) => {
  const [key, kind] = [$("effects-of").value, $("effects-kind").value];
  const rows = TABLES.effects.filter(
    (row) => `${row.definition}/${row.metric}` === key && row.kind === kind && (kind === "add" || row.other === "any"),
  );
  const measure = measureOf(key);
  const [models, roles] = [
    distinct(rows.map((row) => row.model ?? NO_MODEL)).sort(),
    distinct(rows.map((row) => row.role)),
  ];
  const cell = (model, role) => rows.find((row) => (row.model ?? NO_MODEL) === model && row.role === role);
  const good = measure.lower ? 1 : -1;
  const z = models.map((model) =>
    roles.map((role) => (cell(model, role) ? good * cell(model, role).difference : null)),
  );
  const text = models.map((model) =>
    roles.map((role) => {
      const own = cell(model, role);
      if (!own) return "";
      const star = own.p_adjusted !== null && own.p_adjusted < 0.05 ? " *" : "";
      return (own.difference > 0 ? "+" : "") + formatValue(own.difference, measure.unit) + star;
    }),
  );
  return {
    traces: [heat(roles, models, z, text, c, scaleOf(z.flat(), c))],
    layout: {
      showlegend: false,
      height: 90 + 30 * models.length,
      xaxis: { side: "bottom", showgrid: false },
      yaxis: { showgrid: false },
    },
  };
}, effectChoices);

figure("correlations", (c) => {
  const rows = TABLES.error_correlations.filter((row) => row.severity === $("correlations-of").value);
  const models = distinct(rows.flatMap((row) => [row.model_a, row.model_b])).sort();
  const cell = (a, b) =>
    rows.find((row) => (row.model_a === a && row.model_b === b) || (row.model_a === b && row.model_b === a));
  const z = models.map((a) => models.map((b) => cell(a, b)?.phi ?? null));
  const text = z.map((line) => line.map((value) => (value === null ? "" : value.toFixed(2))));
  const frame = (row, a, b) => ({
    type: "rect",
    x0: models.indexOf(a) - 0.48,
    x1: models.indexOf(a) + 0.48,
    y0: models.indexOf(b) - 0.48,
    y1: models.indexOf(b) + 0.48,
    line: { color: c.ink, width: 1.4 },
  });
  const shapes = rows
    .filter((row) => row.same_family)
    .flatMap((row) => [frame(row, row.model_a, row.model_b), frame(row, row.model_b, row.model_a)]);
  return {
    traces: [heat(models, models, z, text, c, scaleOf(z.flat(), c))],
    layout: {
      showlegend: false,
      height: 110 + 34 * models.length,
      shapes,
      xaxis: { showgrid: false, tickangle: -35 },
      yaxis: { showgrid: false, autorange: "reversed" },
    },
  };
}, () => {
  const severities = distinct(TABLES.error_correlations.map((row) => row.severity));
  fillSelect(
    $("correlations-of"),
    severities.map((name) => [name, name]),
  );
});
