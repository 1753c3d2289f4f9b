// Small helpers for HTML and SVG, words and numbers.

const SVG_NAMESPACE = "http://www.w3.org/2000/svg";
let lastIdentifier = 0;

function fill(node, attributes, children) {
  for (const [name, value] of Object.entries(attributes)) {
    if (value === undefined || value === null || value === false) continue;
    node.setAttribute(name, value === true ? "" : value);
  }
  node.append(...children.filter((child) => child !== undefined && child !== null));
  return node;
}

export const html = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS(SVG_NAMESPACE, tag), attributes, children);

// An id nobody on the page has yet, so that several figures never clash.
export function identifier(stem) {
  let name;
  do {
    lastIdentifier += 1;
    name = `gl-${stem}-${lastIdentifier}`;
  } while (document.getElementById(name));
  return name;
}

// Numbers for reading: fixed digits, a true minus sign, no negative zero.
export function number(value, digits = 2) {
  if (!Number.isFinite(value)) return Number.isNaN(value) ? "undefined" : value > 0 ? "∞" : "−∞";
  const text = Math.abs(value).toLocaleString("en-GB", {
    minimumFractionDigits: digits,
    maximumFractionDigits: digits,
  });
  return value < 0 && Number(text.replaceAll(",", "")) !== 0 ? `−${text}` : text;
}
// The same with a plus sign before what is above zero.
export const signed = (value, digits = 2) => {
  const text = number(value, digits);
  return value > 0 && /[1-9∞]/.test(text) ? `+${text}` : text;
};
export const whole = (value) => number(value, 0);
export const percent = (share, digits = 0) => `${number(100 * share, digits)} %`;
export const plural = (count, one, many = `${one}s`) => `${whole(count)} ${count === 1 ? one : many}`;

// A p value: three decimals, then a power of ten, never "0.000".
export function pValue(p) {
  if (p >= 0.001) return `p = ${number(p, 3)}`;
  const power = Math.max(Math.ceil(Math.log10(Math.max(p, 1e-300))), -300);
  return power <= -300 ? "p below 10⁻³⁰⁰" : `p below 10${superscript(power)}`;
}
// A small or large number as 1.2 × 10⁻⁷.
export function scientific(value, digits = 1) {
  const [front, power] = value.toExponential(digits).split("e");
  return `${front} × 10${superscript(Number(power))}`;
}
const superscript = (value) =>
  Array.from(String(value), (sign) => (sign === "-" ? "⁻" : "⁰¹²³⁴⁵⁶⁷⁸⁹"[Number(sign)])).join("");

// Series colour of a base, near to what sequence viewers use; other letters take turns.
export const baseColour = (letter) => ({ A: 3, C: 1, G: 2, T: 4 })[letter] ?? (letter.charCodeAt(0) % 4) + 1;

export const calm = () => window.matchMedia("(prefers-reduced-motion: reduce)").matches;

// Find the figures that wait under this key and draw each of them once. A notebook may run
// the script before its output is on the page, hence the few retries.
export function mount(key, render, toolbox, styles, triesLeft = 120) {
  const waiting = document.querySelectorAll(`[data-geneml-live="${key}"]:not([data-gl-ready])`);
  if (waiting.length === 0) {
    const drawn = document.querySelector(`[data-geneml-live="${key}"]`);
    if (!drawn && triesLeft > 0) {
      setTimeout(() => mount(key, render, toolbox, styles, triesLeft - 1), 50);
    }
    return;
  }
  if (!document.getElementById("geneml-live-style")) {
    document.head.append(html("style", { id: "geneml-live-style" }, styles));
  }
  for (const figure of waiting) {
    figure.setAttribute("data-gl-ready", "");
    const stage = figure.querySelector(".gl-stage");
    const data = JSON.parse(figure.querySelector("script[type='application/json']").textContent);
    stage.replaceChildren();
    try {
      render(stage, data, toolbox);
    } catch (error) {
      stage.replaceChildren(html("p", { class: "gl-fallback" }, `This figure could not be drawn: ${error.message}`));
      throw error;
    }
  }
}
