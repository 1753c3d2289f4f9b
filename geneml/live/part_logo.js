// Position weight matrices and sequence logos (Schneider and Stephens 1990).

// Shares of the four bases in each column of windows of base codes.
export function frequencies(windows) {
  return Array.from({ length: windows[0].length }, (_, k) => {
    const counts = [0, 0, 0, 0];
    for (const window of windows) counts[window[k]] += 1;
    return counts.map((count) => count / windows.length);
  });
}

// Bits of each column against equal base frequencies: 2 + sum f log2 f.
export const information = (table) =>
  table.map((column) => column.reduce((bits, share) => bits + (share > 0 ? share * Math.log2(share) : 0), 2));

// Letters as outlines in a unit square, so that they fill their box whatever fonts there are.
const OUTLINES = {
  A: "M0 1L.38 0H.62L1 1H.79L.71 .77H.29L.21 1ZM.35 .59H.65L.5 .16Z",
  C: "M1 .32H.78C.74 .22 .64 .17 .53 .17C.34 .17 .22 .3 .22 .5C.22 .7 .34 .83 .53 .83C.64 .83 .74 .78 .78 .68H1C.95 .88 .77 1 .53 1C.2 1 0 .8 0 .5C0 .2 .2 0 .53 0C.77 0 .95 .12 1 .32Z",
  G: "M1 .32H.78C.74 .22 .64 .17 .53 .17C.34 .17 .22 .3 .22 .5C.22 .7 .34 .83 .53 .83C.67 .83 .76 .76 .78 .63H.52V.46H1V1H.86L.83 .88C.76 .96 .65 1 .53 1C.2 1 0 .8 0 .5C0 .2 .2 0 .53 0C.77 0 .95 .12 1 .32Z",
  T: "M0 0H1V.19H.61V1H.39V.19H0Z",
};

export function drawLogo(chart, table, bits, kit) {
  chart.axes({ x: { domain: [-0.5, table.length - 0.5], ticks: table.map((_, k) => k), format: kit.whole, label: "position in the window (from 0)" }, y: { domain: [0, 2], ticks: [0, 1, 2], label: "bits" } });
  const wide = (chart.x(2) - chart.x(1)) * 0.92;
  table.forEach((column, k) => {
    let level = 0;
    const order = [0, 1, 2, 3].sort((a, b) => column[a] - column[b]);
    for (const base of order) {
      const tall = column[base] * bits[k];
      const pixels = chart.y(0) - chart.y(tall);
      level += tall;
      if (pixels < 0.7) continue;
      const letter = "ACGT"[base];
      chart.add("path", { d: OUTLINES[letter], transform: `translate(${(chart.x(k) - wide / 2).toFixed(1)} ${chart.y(level).toFixed(1)}) scale(${wide.toFixed(2)} ${(pixels * 0.97).toFixed(2)})`, "fill-rule": "evenodd", class: `gl-s${kit.baseColour(letter)} gl-fill` });
    }
  });
}
