// Small help for the keyboard: whatever scrolls sideways can be reached and is announced.
(() => {
  const CANDIDATES = "pre, .table-scroll, mjx-container[display], .cell_output > .output";

  const label = (element) => {
    if (element.matches("pre")) return "Code, scrolls sideways";
    if (element.matches("mjx-container")) return "Formula, scrolls sideways";
    if (element.matches(".table-scroll")) {
      const caption = element.querySelector("caption");
      return caption ? `Table: ${caption.textContent.trim()}` : "Table, scrolls sideways";
    }
    return "Output, scrolls sideways";
  };

  const update = () => {
    for (const element of document.querySelectorAll(CANDIDATES)) {
      const scrolls =
        element.scrollWidth > element.clientWidth + 1 &&
        getComputedStyle(element).overflowX !== "visible";
      if (scrolls) {
        element.tabIndex = 0;
        element.setAttribute("role", "group");
        element.setAttribute("aria-label", label(element));
      } else if (element.getAttribute("role") === "group" && element.hasAttribute("tabindex")) {
        element.removeAttribute("tabindex");
        element.removeAttribute("role");
        element.removeAttribute("aria-label");
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
    if (window.MathJax && MathJax.startup && MathJax.startup.promise) {
      MathJax.startup.promise.then(later);
    }
  });
})();
