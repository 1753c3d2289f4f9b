// Small help for the keyboard: whatever scrolls sideways can be reached and is announced.
(() => {
  const CANDIDATES = [
    ["pre", "Code, scrolls sideways"],
    ["mjx-container[display], span.math", "Formula, scrolls sideways"],
    [".table-scroll", "Table, scrolls sideways"],
    [".cell_output > .output", "Output, scrolls sideways"],
  ];
  // The hidden text of a formula, for speech, sticks out a little from most of them.
  const OVERHANG = 24;

  const name = (element, fallback) => {
    const caption = element.querySelector("caption");
    return caption ? `Table: ${caption.textContent.trim()}` : fallback;
  };

  const scrolls = (element) => {
    const excess = element.scrollWidth - element.clientWidth;
    if (element.matches("span.math")) {
      const wide = element.clientWidth > 0 && excess > OVERHANG;
      element.classList.toggle("wide", wide);
      return wide;
    }
    return excess > 1 && getComputedStyle(element).overflowX !== "visible";
  };

  const update = () => {
    for (const [selector, fallback] of CANDIDATES) {
      for (const element of document.querySelectorAll(selector)) {
        if (scrolls(element)) {
          element.tabIndex = 0;
          element.setAttribute("role", "group");
          element.setAttribute("aria-label", name(element, fallback));
        } else if (element.getAttribute("role") === "group") {
          element.removeAttribute("tabindex");
          element.removeAttribute("role");
          element.removeAttribute("aria-label");
        }
      }
    }
  };

  let waiting = 0;
  const later = () => {
    clearTimeout(waiting);
    waiting = setTimeout(update, 350);
  };

  document.addEventListener("DOMContentLoaded", () => {
    update();
    later();
    window.addEventListener("load", later);
    window.addEventListener("resize", later);
    document.addEventListener("toggle", later, true);
    window.MathJax?.startup?.promise?.then(later);
  });
})();
