// Elements made of text alone, and listeners on them.

export const isolated = { class: "free" }; // text in its own direction, which may break anywhere

export function $(id) {
  return document.getElementById(id);
}

// An element; a child is text, or an element that was made in the same way.
export function el(tag, attributes = {}, ...children) {
  const made = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value === false || value === null || value === undefined) continue;
    made.setAttribute(name, value === true ? "" : value);
  }
  made.append(...children.flat().filter((child) => child !== null && child !== undefined && child !== ""));
  return made;
}

export function on(id, event, listener) {
  $(id)?.addEventListener(event, listener);
}

export function distinct(values) {
  return [...new Set(values)];
}

// Replace the options of a select element by pairs of a value and a label.
export function fillSelect(select, pairs, chosen) {
  select.replaceChildren(...pairs.map(([value, label]) => el("option", { value, selected: value === chosen }, label)));
}

// Call a function once, when an element is within 500 pixels of the visible part of the page.
export function whenNear(node, callback) {
  const observer = new IntersectionObserver(
    (entries) => {
      if (!entries.some((entry) => entry.isIntersecting)) return;
      observer.disconnect();
      callback();
    },
    { rootMargin: "500px" },
  );
  observer.observe(node);
}
