// The choice of a metric for a figure of the analysis.

import { distinct } from "../dom.js";
import { DATA, MEASURES, measureOf } from "../page_data.js";

// The metrics that a table has rows of, severe harm first, as options of a select element.
export function metricsIn(rows) {
  const keys = distinct(rows.map((row) => `${row.definition}/${row.metric}`));
  const known = [...MEASURES.keys()].filter((key) => keys.includes(key));
  const order = [DATA.severe, ...known.filter((key) => key !== DATA.severe)];
  return order.filter((key) => keys.includes(key)).map((key) => [key, measureOf(key).label]);
}
