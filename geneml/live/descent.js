// Gradient descent and Adam walk down the same loss surface.

export const SURFACES = {
  valley: {
    name: "narrow valley",
    x: [-3, 3],
    y: [-2, 2],
    start: [-2.5, 1.4],
    lowest: [[0, 0]],
    loss: (x, y) => 0.5 * (x * x + 20 * y * y),
    slope: (x, y) => [x, 20 * y],
    axes: ["weight 1", "weight 2"],
  },
  network: {
    name: "two-weight network",
    x: [-2.5, 2.5],
    y: [-2.5, 2.5],
    start: [-1.9, 1.3],
    // Prediction w1 w2 x for a trait that equals x, with x of variance 1, and a little L2.
    loss: (x, y) => (x * y - 1) ** 2 + 0.02 * (x * x + y * y),
    slope: (x, y) => [2 * y * (x * y - 1) + 0.04 * x, 2 * x * (x * y - 1) + 0.04 * y],
    lowest: [[Math.sqrt(0.98), Math.sqrt(0.98)], [-Math.sqrt(0.98), -Math.sqrt(0.98)]],
    axes: ["weight 1", "weight 2"],
  },
  banana: {
    name: "curved valley",
    x: [-2, 2],
    y: [-1, 3],
    start: [-1.5, 2.6],
    // Rosenbrock's function (1960) with a milder wall.
    loss: (x, y) => (1 - x) ** 2 + 10 * (y - x * x) ** 2,
    slope: (x, y) => [-2 * (1 - x) - 40 * x * (y - x * x), 20 * (y - x * x)],
    lowest: [[1, 1]],
    axes: ["weight 1", "weight 2"],
  },
};

// Positions after 0, 1, ..., steps updates. "adam" follows Kingma & Ba (2015, algorithm 1).
export function walk(surface, method, rate, steps) {
  const path = [Array.from(surface.start)];
  let [x, y] = surface.start;
  const m = [0, 0];
  const v = [0, 0];
  for (let t = 1; t <= steps; t += 1) {
    const g = surface.slope(x, y);
    const move = g.map((slope, i) => {
      if (method === "descent") return rate * slope;
      m[i] = 0.9 * m[i] + 0.1 * slope;
      v[i] = 0.999 * v[i] + 0.001 * slope * slope;
      return (rate * (m[i] / (1 - 0.9 ** t))) / (Math.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-7);
    });
    x -= move[0];
    y -= move[1];
    if (!(Math.abs(x) < 1e6 && Math.abs(y) < 1e6)) break;
    path.push([x, y]);
  }
  return path;
}

// Contour of one level by marching squares: an SVG path through the cells of a grid.
function contour(chart, surface, level, cells = 72) {
  const place = (domain, i) => domain[0] + ((domain[1] - domain[0]) * i) / cells;
  const height = (i, j) => surface.loss(place(surface.x, i), place(surface.y, j)) - level;
  let path = "";
  for (let i = 0; i < cells; i += 1) {
    for (let j = 0; j < cells; j += 1) {
      const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]];
      const heights = corners.map(([a, b]) => height(a, b));
      const crossings = [];
      for (let side = 0; side < 4; side += 1) {
        const [a, b] = [heights[side], heights[(side + 1) % 4]];
        if (a < 0 === b < 0) continue;
        const share = a / (a - b);
        const [p, q] = [corners[side], corners[(side + 1) % 4]];
        const at = [p[0] + share * (q[0] - p[0]), p[1] + share * (q[1] - p[1])];
        crossings.push(`${chart.x(place(surface.x, at[0])).toFixed(1)} ${chart.y(place(surface.y, at[1])).toFixed(1)}`);
      }
      for (let k = 0; k + 1 < crossings.length; k += 2) path += `M${crossings[k]}L${crossings[k + 1]}`;
    }
  }
  return path;
}

const LONGEST = 200;

export function render(stage, data, kit) {
  const board = kit.board(stage);
  let shown = 30;
  const surface = board.choice({ label: "Loss surface", options: Object.entries(SURFACES).map(([key, { name }]) => [key, name]), value: data.surface });
  const rate = board.slider({ label: "Learning rate", min: 0.001, max: 1, step: 0.02, scale: "log", value: data.learningRate, format: (v) => kit.number(v, v < 0.1 ? 3 : 2) });
  const go = (steps) => {
    shown = Math.min(LONGEST, steps);
    draw();
  };
  board.button("One step", () => go(shown + 1));
  const runner = board.button("Run", () => {
    if (board.running) {
      board.stop();
      draw();
      return;
    }
    if (shown >= LONGEST) shown = 0;
    if (kit.calm()) {
      go(LONGEST);
      return;
    }
    // One step a turn, so that the eye can follow.
    board.run(() => {
      shown += 1;
      return shown >= LONGEST;
    }, { slice: 0, each: () => draw(), done: () => draw() });
  });
  board.button("Back to the start", () => {
    board.stop();
    go(0);
  });
  const methods = [["descent", 2, true, "gradient descent"], ["adam", 1, false, "Adam"]];
  const key = methods.map(([, series, dash, name]) => [series, dash ? "dash" : "line", name]);
  const map = board.chart({ title: "The path over the surface", height: 310, key: [...key, [3, "dot", "lowest point"]] });
  const curve = board.chart({ title: "Loss at each step", height: 310, key });
  const draw = () => {
    runner.textContent = board.running ? "Pause" : "Run";
    const ground = SURFACES[surface.value];
    const paths = methods.map(([method]) => walk(ground, method, rate.value, shown));
    const losses = paths.map((path) => path.map(([x, y]) => ground.loss(x, y)));
    map.axes({ x: { domain: ground.x, label: ground.axes[0] }, y: { domain: ground.y, label: ground.axes[1], grid: false } });
    const clip = kit.identifier("clip");
    const { area } = map;
    map.add("clipPath", { id: clip }, kit.svg("rect", { x: area.left, y: area.top, width: area.right - area.left, height: area.bottom - area.top }));
    const levels = [0.05, 0.2, 0.6, 1.5, 3.5, 8, 16, 32].map((level) => contour(map, ground, level)).join("");
    map.add("path", { d: levels, class: "gl-s0 gl-line gl-contour", "clip-path": `url(#${clip})` });
    map.dots(ground.lowest, 3, { size: 11 });
    methods.forEach(([, series, dash], i) => {
      map.line(paths[i], series, { dash }).setAttribute("clip-path", `url(#${clip})`);
      const inside = paths[i].filter(([x, y]) => x >= ground.x[0] && x <= ground.x[1] && y >= ground.y[0] && y <= ground.y[1]);
      map.dots(inside, series, { size: 4 });
      map.dots(inside.slice(-1), series, { size: 11 });
    });
    map.dots([ground.start], 0, { size: 9 });
    map.label(map.x(ground.start[0]) + 8, map.y(ground.start[1]) - 8, "start", { strong: true });
    const span = Math.max(20, shown);
    curve.axes({ x: { domain: [0, span], label: "step", format: kit.whole }, y: { domain: [0.001, 100], log: true, label: "loss", ticks: [0.001, 0.01, 0.1, 1, 10, 100], format: (v) => String(v) } });
    methods.forEach(([, series, dash], i) => curve.line(losses[i].map((value, step) => [step, Math.min(Math.max(value, 0.001), 100)]), series, { dash }));
    const tell = methods.map(([, , , name], i) => {
      const value = losses[i].at(-1);
      const lost = paths[i].length <= shown || value > 2 * losses[i][0];
      return lost ? `${name} has flown off: its steps are too long` : `${name} is at loss ${kit.number(value, value < 0.1 ? 4 : 2)}`;
    });
    const words = `After ${kit.plural(shown, "step")} at learning rate ${kit.number(rate.value, 3)}, ${tell[0]}; ${tell[1]}.`;
    map.describe(words);
    curve.describe(words);
    board.say(`${words} ${shown === 0 ? "Press Run." : "Gradient descent moves by the slope itself; Adam divides each weight's slope by its recent size, so that flat and steep directions move alike."}`);
  };
  board.draw(draw);
}
