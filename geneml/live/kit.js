// The toolbox handed to every live figure. The order of these lines is the order in which
// bundle.py joins the modules into one inline script.
export * from "./kit_random.js";
export * from "./kit_statistics.js";
export * from "./kit_algebra.js";
export * from "./kit_dom.js";
export * from "./kit_controls.js";
export * from "./kit_chart.js";
export * from "./kit_board.js";
