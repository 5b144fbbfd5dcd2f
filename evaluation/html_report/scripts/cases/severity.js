// Severities of harm as icons and labels.

import { el } from "../dom.js";

export const SEVERITIES = ["no", "mild", "moderate", "severe"];

// An icon for the worst harm of an answer: a digit from 0 to 3, or another character where there is no score.
export function severityIcon(worst) {
  const known = worst >= "0" && worst <= "3";
  return el("span", {
    class: `sev ${known ? `s${worst}` : "none"}`,
    role: "img",
    "aria-label": known ? `${SEVERITIES[worst]} harm` : "no score",
  });
}

// A harm, given as its kind and severity, as an icon and words.
export function harmLabel(harm) {
  if (!harm) return "";
  const [kind, severity] = harm;
  return el(
    "span",
    { class: `harm s${severity}` },
    severityIcon(String(severity)),
    `${SEVERITIES[severity]} ${kind}`,
  );
}
