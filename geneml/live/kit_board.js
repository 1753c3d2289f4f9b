// The board of one figure: controls above, charts in the middle, the finding in words below.
import { html } from "./kit_dom.js";
import { slider, choice, toggle, textField, button } from "./kit_controls.js";
import { Chart } from "./kit_chart.js";

export class Board {
  constructor(stage) {
    this.stage = stage;
    this.controls = html("div", { class: "gl-controls" });
    this.actions = html("div", { class: "gl-actions" });
    this.charts = html("div", { class: "gl-charts" });
    this.finding = html("p", { class: "gl-finding", "aria-live": "polite", "aria-atomic": "true" });
    stage.append(this.controls, this.actions, this.charts, this.finding);
    this.drawing = () => {};
    this.task = null;
    this.lastWidth = 0;
  }

  // Call `drawing` now, whenever a control moves, and whenever the width changes.
  draw(drawing) {
    this.drawing = drawing;
    this.actions.hidden = this.actions.childElementCount === 0;
    this.controls.hidden = this.controls.childElementCount === 0;
    this.lastWidth = this.stage.clientWidth;
    drawing();
    if (typeof ResizeObserver === "undefined") return;
    new ResizeObserver(() => {
      const width = this.stage.clientWidth;
      if (width > 0 && width !== this.lastWidth) {
        this.lastWidth = width;
        (this.resized ?? this.drawing)();
      }
    }).observe(this.stage);
  }

  control(make, options) {
    const made = make(options, (control) => (options.changed ?? this.drawing)(control));
    this.controls.append(made.element);
    return made;
  }
  slider(options) {
    return this.control(slider, options);
  }
  choice(options) {
    return this.control(choice, options);
  }
  toggle(options) {
    return this.control(toggle, options);
  }
  textField(options) {
    return this.control(textField, options);
  }
  button(label, pressed) {
    const made = button(label, pressed);
    this.actions.append(made);
    return made;
  }
  chart(options) {
    const made = new Chart(options);
    this.charts.append(made.element);
    return made;
  }
  // Any other element among the charts, for instance a table.
  place(element) {
    this.charts.append(element);
    return element;
  }

  // State the finding. A reader of the screen hears it when it settles.
  say(text) {
    if (this.finding.textContent !== text) this.finding.textContent = text;
  }

  // Run `step` again and again in short slices, so that the page never freezes, until it
  // returns true. A new task, or a figure that has left the page, ends the old one.
  run(step, { slice = 14, each = () => {}, done = () => {} } = {}) {
    this.stop();
    const task = { live: true };
    this.task = task;
    this.finding.setAttribute("aria-busy", "true");
    const turn = () => {
      if (!task.live || !this.stage.isConnected) return;
      const until = performance.now() + slice;
      let finished;
      do finished = step();
      while (!finished && performance.now() < until);
      each(finished);
      if (finished) {
        this.stop();
        done();
      } else {
        task.timer = setTimeout(turn, 16);
      }
    };
    turn();
  }

  get running() {
    return this.task !== null;
  }

  stop() {
    if (this.task) {
      this.task.live = false;
      clearTimeout(this.task.timer);
    }
    this.task = null;
    this.finding.removeAttribute("aria-busy");
  }
}

export const board = (stage) => new Board(stage);

// A small table of results: header cells, then rows of [text, value, value, ...].
export function table(caption, header) {
  const body = html("tbody");
  const element = html(
    "div",
    { class: "gl-table-box", tabindex: "0", role: "region", "aria-label": caption },
    html(
      "table",
      { class: "gl-table" },
      html("caption", {}, caption),
      html("thead", {}, html("tr", {}, ...header.map((text) => html("th", { scope: "col" }, text)))),
      body,
    ),
  );
  const rows = (lines) =>
    body.replaceChildren(
      ...lines.map(([first, ...rest]) =>
        html("tr", {}, html("th", { scope: "row" }, first), ...rest.map((text) => html("td", {}, text))),
      ),
    );
  return { element, rows };
}
