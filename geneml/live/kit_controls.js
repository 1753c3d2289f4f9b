// Native form controls with a visible label: keyboards, touch and screen readers for free.
import { html, identifier, number } from "./kit_dom.js";

// A range input. `format` writes the value for reading; `scale: "log"` moves in powers of ten.
export function slider({ label, min, max, step = 1, value, format = (v) => number(v, 2), scale = "linear" }, changed) {
  const id = identifier("slider");
  const logarithmic = scale === "log";
  const inside = (v) => (logarithmic ? Math.log10(v) : v);
  const outside = (v) => (logarithmic ? 10 ** Number(v) : Number(v));
  const input = html("input", { type: "range", id, min: inside(min), max: inside(max), step, class: "gl-range" });
  const output = html("output", { for: id, class: "gl-value", "aria-live": "off" });
  const element = html(
    "div",
    { class: "gl-control" },
    html("label", { for: id, class: "gl-label" }, label),
    output,
    input,
  );
  const control = {
    element,
    input,
    get value() {
      return outside(input.value);
    },
    set value(next) {
      input.value = inside(next);
      show();
    },
  };
  const show = () => {
    output.textContent = format(control.value);
    input.setAttribute("aria-valuetext", format(control.value));
  };
  control.value = value;
  input.addEventListener("input", () => {
    show();
    changed(control);
  });
  return control;
}

// One choice of a few: a group of radio buttons. `options` is [[value, text], ...].
export function choice({ label, options, value }, changed) {
  const name = identifier("choice");
  const inputs = options.map(([key, text]) => {
    const id = identifier("option");
    const input = html("input", { type: "radio", name, id, value: key });
    input.checked = key === value;
    input.addEventListener("change", () => changed(control));
    return { input, element: html("span", { class: "gl-option" }, input, html("label", { for: id }, text)) };
  });
  const control = {
    element: html(
      "fieldset",
      { class: "gl-control gl-choice", id: name },
      html("legend", { class: "gl-label" }, label),
      html("div", { class: "gl-options" }, ...inputs.map((option) => option.element)),
    ),
    get value() {
      return inputs.find((option) => option.input.checked).input.value;
    },
    set value(next) {
      for (const option of inputs) option.input.checked = option.input.value === next;
    },
  };
  return control;
}

export function toggle({ label, value = false }, changed) {
  const id = identifier("toggle");
  const input = html("input", { type: "checkbox", id });
  input.checked = value;
  const control = {
    element: html("div", { class: "gl-control gl-toggle gl-option" }, input, html("label", { for: id }, label)),
    get value() {
      return input.checked;
    },
    set value(next) {
      input.checked = next;
    },
  };
  input.addEventListener("change", () => changed(control));
  return control;
}

// A line of text. Spelling help is off: the text is a sequence.
export function textField({ label, value, help }, changed) {
  const id = identifier("text");
  const note = html("p", { class: "gl-help", id: `${id}-help` }, help ?? "");
  const input = html("input", {
    type: "text",
    id,
    class: "gl-text",
    value,
    spellcheck: "false",
    autocomplete: "off",
    autocapitalize: "characters",
    "aria-describedby": note.id,
  });
  const control = {
    element: html("div", { class: "gl-control gl-wide" }, html("label", { for: id, class: "gl-label" }, label), input, note),
    input,
    note,
    get value() {
      return input.value;
    },
    set value(next) {
      input.value = next;
    },
  };
  input.addEventListener("input", () => changed(control));
  return control;
}

export function button(label, pressed) {
  const element = html("button", { type: "button", class: "gl-button" }, label);
  element.addEventListener("click", pressed);
  return element;
}
