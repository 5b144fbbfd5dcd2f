"use strict";
// What teams do: each figure's traces from the study's tables.

const T = Object.fromEntries(Object.entries(DATA.teams).map(([name, table]) => [name, rowsOf(table)]));
const SEVERITY = [
  ["mild", "sky", ""],
  ["moderate", "amber", "/"],
  ["severe", "red", "x"],
];

function metricsIn(rows) {
  const keys = distinct(rows.map((row) => `${row.definition}/${row.metric}`));
  const known = [...MEASURES.keys()].filter((key) => keys.includes(key));
  const order = [DATA.severe, ...known.filter((key) => key !== DATA.severe)];
  return order.filter((key) => keys.includes(key)).map((key) => [key, measureOf(key).label]);
}

// Lines over a colour, so that it is not told by colour alone.
function hatch(shape, c) {
  return { shape, fillmode: "overlay", fgcolor: c.paper, size: 6, solidity: 0.22 };
}

const FAILED = {
  introduced: "brought in by a later seat",
  overturned_majority: "a right majority overturned",
  unresolved_conflict: "drafts in conflict",
  suppressed_minority: "a right minority lost",
  unheeded_critic: "a critic not heeded",
  lazy_agreement: "agreement without a check",
  shared_error: "every draft wrong",
};

figure("failures", (c) => {
  const of = $("failures-of").value;
  const rows = T.failures.filter((row) => !of || row.ensemble === of);
  const total = (failure) => rows.filter((row) => row.failure === failure).reduce((sum, row) => sum + row.harms, 0);
  const kinds = distinct(rows.map((row) => row.failure)).sort((a, b) => total(a) - total(b));
  const traces = SEVERITY.toReversed().map(([severity, colour, pattern]) => ({
    type: "bar",
    orientation: "h",
    name: severity,
    y: kinds.map((kind) => safe(FAILED[kind] ?? kind)),
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
});

figure("flows", (c) => {
  const [of, severity] = [$("flows-of").value, $("flows-severity").value];
  const rows = T.flows.filter((row) => row.ensemble === of && (!severity || row.severity === severity));
  const order = Object.keys(DATA.entries.find((entry) => entry.name === of)?.seats ?? {});
  const seats = distinct(rows.map((row) => row.seat)).sort(
    (a, b) => ((order.indexOf(a) + 99) % 99) - ((order.indexOf(b) + 99) % 99),
  );
  const sum = (seat, name) => rows.filter((row) => row.seat === seat).reduce((all, row) => all + row[name], 0);
  const label = (seat) => safe([seat, rows.find((row) => row.seat === seat).model].filter(Boolean).join(" · "));
  const stood = (seat) =>
    Math.max(
      0,
      sum(seat, "wrong_out") - (rows.find((row) => row.seat === seat).role === "critic" ? 0 : sum(seat, "broken")),
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
      "taken out",
      seats.map((seat) => -sum(seat, "fixed")),
      "blue",
      "",
    ),
    bar("let stand", seats.map(stood), "rule", ""),
    bar(
      "brought in",
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
      xaxis: { title: "← taken out   harms   remaining →", zeroline: true },
      yaxis: { autorange: "reversed" },
    },
  };
});

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

// A heat map whose cells say their number, so that colour is never alone.
function heat(x, y, z, text, c, scale) {
  return {
    type: "heatmap",
    x: x.map(safe),
    y: y.map(safe),
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

figure("effects", (c) => {
  const [key, kind] = [$("effects-of").value, $("effects-kind").value];
  const rows = T.effects.filter(
    (row) => `${row.definition}/${row.metric}` === key && row.kind === kind && (kind === "add" || row.other === "any"),
  );
  const measure = measureOf(key);
  const [models, roles] = [
    distinct(rows.map((row) => row.model ?? "rule")).sort(),
    distinct(rows.map((row) => row.role)),
  ];
  const cell = (model, role) => rows.find((row) => (row.model ?? "rule") === model && row.role === role);
  const good = measure.lower ? 1 : -1;
  const z = models.map((model) =>
    roles.map((role) => (cell(model, role) ? good * cell(model, role).difference : null)),
  );
  const text = models.map((model) =>
    roles.map((role) => {
      const own = cell(model, role);
      if (!own) return "";
      const star = own.p_adjusted !== null && own.p_adjusted < 0.05 ? " *" : "";
      return (own.difference > 0 ? "+" : "") + written(own.difference, measure.unit) + star;
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
});

figure("correlations", (c) => {
  const rows = T.error_correlations.filter((row) => row.severity === $("correlations-of").value);
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
});
