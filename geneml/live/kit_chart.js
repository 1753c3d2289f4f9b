// Charts in SVG, drawn at the true width of their box so that letters keep their size on a phone.
import { html, svg, number } from "./kit_dom.js";

// Round tick positions (steps of 1, 2 or 5) inside a domain.
export function ticks([low, high], wanted = 5) {
  const rough = Math.abs(high - low) / Math.max(wanted, 1) || 1;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].find((factor) => factor * power >= rough * 0.999) * power;
  const first = Math.ceil(Math.min(low, high) / step - 1e-9);
  const last = Math.floor(Math.max(low, high) / step + 1e-9);
  return Array.from({ length: last - first + 1 }, (_, i) => (first + i) * step);
}

// A straight or logarithmic map from a domain to pixels.
export function scale(domain, range, logarithmic = false) {
  const inside = logarithmic ? Math.log : (v) => v;
  const [low, high] = domain.map(inside);
  const map = (value) => range[0] + ((inside(value) - low) / (high - low || 1)) * (range[1] - range[0]);
  map.domain = domain;
  return map;
}

const logTicks = ([low, high]) => {
  const marks = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.log10(high) + 1e-9; power += 1) {
    for (const factor of Math.log10(high / low) > 3.5 ? [1] : Math.log10(high / low) > 2 ? [1, 5] : [1, 2, 5]) {
      const mark = factor * 10 ** power;
      if (mark >= low * 0.999 && mark <= high * 1.001) marks.push(mark);
    }
  }
  return marks;
};

const tickDigits = (marks) => {
  const step = marks.length > 1 ? Math.abs(marks[1] - marks[0]) : Math.abs(marks[0]) || 1;
  return Math.max(0, Math.min(4, -Math.floor(Math.log10(step) + 1e-9)));
};

export class Chart {
  constructor({ title, height = 250, key = [] }) {
    this.height = height;
    this.title = title;
    this.svg = svg("svg", { role: "img", class: "gl-svg", "aria-label": title ?? "chart" });
    this.box = html("div", { class: "gl-plot" }, this.svg);
    this.legend = html("ul", { class: "gl-key" });
    this.element = html("div", { class: "gl-chart" });
    this.caption = html("p", { class: "gl-chart-title" }, title ?? "");
    this.caption.hidden = !title;
    this.element.append(this.caption, this.box, this.legend);
    this.keys(key);
  }

  // Another title, for a chart that shows different things.
  heading(title) {
    this.title = title;
    this.caption.textContent = title;
    this.caption.hidden = !title;
  }

  // The key under the chart: [[series number, "line" | "dash" | "dot" | "bar", text], ...].
  keys(entries) {
    this.legend.replaceChildren(
      ...entries.map(([series, mark, text]) => {
        const swatch = svg("svg", { width: 22, height: 12, "aria-hidden": "true", class: `gl-s${series}` });
        if (mark === "dot") swatch.append(svg("circle", { cx: 11, cy: 6, r: 4, class: "gl-fill" }));
        else if (mark === "bar") swatch.append(svg("rect", { x: 4, y: 1, width: 14, height: 10, class: "gl-fill" }));
        else swatch.append(svg("path", { d: "M1 6H21", class: mark === "dash" ? "gl-line gl-dash" : "gl-line" }));
        return html("li", {}, swatch, text);
      }),
    );
    this.legend.hidden = entries.length === 0;
  }

  // An empty canvas without axes.
  clear(height = this.height) {
    this.width = Math.max(Math.round(this.box.clientWidth) || 560, 200);
    this.drawn = height;
    this.svg.setAttribute("viewBox", `0 0 ${this.width} ${height}`);
    this.svg.setAttribute("width", this.width);
    this.svg.setAttribute("height", height);
    this.svg.replaceChildren();
    return this;
  }

  // Axes. x and y: { domain, label, ticks?, format?, log?, grid? }. Labels lie flat, y's on top.
  axes({ x, y, left, right = 14, bottom = 44, top = 30 }) {
    this.clear();
    const yMarks = y.ticks ?? (y.log ? logTicks(y.domain) : ticks(y.domain, (this.height - top - bottom) / 34));
    const yDigits = tickDigits(yMarks);
    const yFormat = y.format ?? ((v) => (y.log ? String(v) : number(v, yDigits)));
    const yTexts = yMarks.map((mark) => yFormat(mark));
    const margin = left ?? 14 + 7 * Math.max(...yTexts.map((text) => text.length), 1);
    const xMarks = x.ticks ?? (x.log ? logTicks(x.domain) : ticks(x.domain, (this.width - margin) / 58));
    const xDigits = tickDigits(xMarks);
    const xFormat = x.format ?? ((v) => (x.log ? String(v) : number(v, xDigits)));
    this.area = { left: margin, right: this.width - right, top, bottom: this.height - bottom };
    const { area } = this;
    this.x = scale(x.domain, [area.left, area.right], x.log);
    this.y = scale(y.domain, [area.bottom, area.top], y.log);
    const grid = svg("g", { "aria-hidden": "true" });
    if (y.grid !== false) {
      for (const mark of yMarks) {
        const level = Math.round(this.y(mark)) + 0.5;
        grid.append(svg("path", { class: "gl-grid", d: `M${area.left} ${level}H${area.right}` }));
      }
    }
    grid.append(svg("path", { class: "gl-axis", d: `M${area.left} ${Math.round(area.bottom) + 0.5}H${area.right}` }));
    this.svg.append(grid);
    yMarks.forEach((mark, i) => this.label(area.left - 6, this.y(mark) + 4, yTexts[i], { anchor: "end", quiet: true }));
    for (const mark of xMarks) {
      const place = this.x(mark);
      grid.append(svg("path", { class: "gl-axis", d: `M${Math.round(place) + 0.5} ${area.bottom}v4` }));
      this.label(place, area.bottom + 18, xFormat(mark), { anchor: "middle", quiet: true });
    }
    if (x.label) this.label((area.left + area.right) / 2, this.height - 6, x.label, { anchor: "middle" });
    if (y.label) this.label(2, 14, y.label, { anchor: "start" });
    return this;
  }

  add(tag, attributes, ...children) {
    const node = svg(tag, attributes, ...children);
    this.svg.append(node);
    return node;
  }

  // Text at pixels. A halo in the colour of the card keeps it readable over lines.
  label(px, py, text, { anchor = "start", quiet = false, strong = false, series = 0 } = {}) {
    const names = ["gl-text-svg", quiet && "gl-quiet", strong && "gl-strong", series && `gl-s${series} gl-ink`];
    return this.add("text", { x: px, y: py, "text-anchor": anchor, class: names.filter(Boolean).join(" ") }, text);
  }

  // A line through [x, y] points in data units; NaN breaks the line.
  line(points, series = 1, { dash = false, thin = false } = {}) {
    let path = "";
    let pen = "M";
    for (const [x, y] of points) {
      if (!Number.isFinite(y)) pen = "M";
      else {
        path += `${pen}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`;
        pen = "L";
      }
    }
    const names = `gl-s${series} gl-line${dash ? " gl-dash" : ""}${thin ? " gl-thin" : ""}`;
    return this.add("path", { d: path, class: names });
  }

  wash(points, series = 1, base = 0) {
    const path = points.map(([x, y], i) => `${i ? "L" : "M"}${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}`).join("");
    const ends = [points[points.length - 1][0], points[0][0]].map((x) => `L${this.x(x).toFixed(1)} ${this.y(base).toFixed(1)}`);
    return this.add("path", { d: `${path}${ends.join("")}Z`, class: `gl-s${series} gl-wash` });
  }

  // A cloud of dots as one path: thousands cost no more than one.
  dots(points, series = 1, { size = 5, faint = false } = {}) {
    const path = points.map(([x, y]) => `M${this.x(x).toFixed(1)} ${this.y(y).toFixed(1)}h0`).join("");
    return this.add("path", { d: path, class: `gl-s${series} gl-dots${faint ? " gl-faint" : ""}`, "stroke-width": size });
  }

  bar(x0, x1, y0, y1, series = 1, { faint = false } = {}) {
    const [a, b] = [this.x(x0), this.x(x1)].sort((p, q) => p - q);
    const [c, d] = [this.y(y0), this.y(y1)].sort((p, q) => p - q);
    return this.add("rect", {
      x: a.toFixed(1),
      y: c.toFixed(1),
      width: Math.max(b - a, 0).toFixed(1),
      height: Math.max(d - c, 0).toFixed(1),
      class: `gl-s${series} gl-fill${faint ? " gl-faint" : ""}`,
    });
  }

  rule({ x, y }, series = 0, { dash = true } = {}) {
    const { area } = this;
    const path =
      x === undefined ? `M${area.left} ${this.y(y)}H${area.right}` : `M${this.x(x)} ${area.top}V${area.bottom}`;
    return this.add("path", { d: path, class: `gl-s${series} gl-line gl-thin${dash ? " gl-dash" : ""}` });
  }

  // What the picture shows, in words, for those who cannot see it.
  describe(text) {
    this.svg.setAttribute("aria-label", this.title ? `${this.title}. ${text}` : text);
  }
}

// A map of signed numbers, column after column of `rows`, from blue (above zero) to orange; the
// strongest colour stands for `limit`. Cells of one shade are one path: thousands cost little.
export function heatCells(chart, values, { rows, limit, left, top, wide, tall }) {
  const shades = new Map();
  const gap = Math.min(wide, tall) > 10 ? 1 : 0;
  const rule = tall > 10 ? 1 : 0;
  for (let i = 0; i < values.length; i += 1) {
    const shade = Math.round(Math.max(-1, Math.min(1, values[i] / limit)) * 40);
    if (!shades.has(shade)) shades.set(shade, []);
    const x = left + Math.floor(i / rows) * wide;
    const y = top + (i % rows) * tall;
    shades.get(shade).push(`M${x.toFixed(2)} ${y.toFixed(1)}h${(wide - gap).toFixed(2)}v${(tall - rule).toFixed(1)}h${(gap - wide).toFixed(2)}z`);
  }
  for (const [shade, cells] of shades) {
    const look = shade === 0 ? { class: "gl-cell" } : { class: shade > 0 ? "gl-rise" : "gl-fall", "fill-opacity": Math.abs(shade) / 40 };
    chart.add("path", { d: cells.join(""), ...look });
  }
}

// Counts of values in equal bins: [[low, high, count], ...].
export function histogram(values, [low, high], bins) {
  const width = (high - low) / bins;
  const counts = Array.from({ length: bins }, (_, i) => [low + i * width, low + (i + 1) * width, 0]);
  for (const value of values) {
    const bin = Math.floor((value - low) / width);
    if (bin >= 0 && bin < bins) counts[bin][2] += 1;
    else if (value === high) counts[bins - 1][2] += 1;
  }
  return counts;
}
