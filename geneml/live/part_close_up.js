// A window of a sequence as a grid of buttons: the bases, and below them every substitution.

// chosen(place, letter) is called for a substitution, moved(place) when the window or cursor moves.
export function closeUp({ alphabet, causal, original, chosen, moved }, kit) {
  const size = alphabet.length;
  const total = original.length;
  const grid = kit.html("div", { class: "gl-close-up", role: "group", "aria-label": "Close-up of the sequence. Arrow keys move, Enter makes the substitution, a letter key sets the base." });
  const note = kit.html("p", { class: "gl-help" });
  const title = kit.html("p", { class: "gl-chart-title" });
  const element = kit.html("div", { class: "gl-chart gl-span" }, title, grid, note);
  let columns = [];
  let first = 0;
  let at = 0;
  let row = 0;
  let shown = null;

  const build = (count) => {
    const corner = kit.html("div", { class: "gl-close-names", "aria-hidden": "true" }, kit.html("span", {}, ""), kit.html("span", {}, "base"), ...Array.from(alphabet, (letter) => kit.html("span", {}, `→ ${letter}`)));
    columns = Array.from({ length: count }, (_, column) => {
      const mark = kit.html("span", { class: "gl-close-mark", "aria-hidden": "true" });
      const buttons = Array.from({ length: size + 1 }, (_, r) => {
        const button = kit.html("button", { type: "button", class: r ? "gl-cell-button" : "gl-base", tabindex: -1 });
        if (r) button.append(kit.html("i", {}), kit.html("i", {}), kit.html("b", {}));
        button.addEventListener("click", () => {
          [at, row] = [first + column, r];
          const here = shown.letters[at];
          chosen(at, r ? alphabet[r - 1] : alphabet[(alphabet.indexOf(here) + 1) % size]);
          roam();
        });
        button.addEventListener("focus", () => {
          [at, row] = [first + column, r];
          roam();
          moved(at);
        });
        return button;
      });
      return { mark, buttons, element: kit.html("div", { class: "gl-close-column" }, mark, ...buttons) };
    });
    grid.replaceChildren(corner, ...columns.map((column) => column.element));
  };

  // The one button that the Tab key reaches.
  const roam = () => columns.forEach(({ buttons }, column) => buttons.forEach((button, r) => {
    button.tabIndex = first + column === at && r === row ? 0 : -1;
    button.classList.toggle("gl-here", first + column === at && (r === row || r === 0));
  }));

  // Move the window as little as brings `place` inside it.
  const scroll = (place, centred) => {
    const room = columns.length;
    const edge = Math.min(2, Math.floor(room / 4));
    if (centred) first = place - Math.floor(room / 2);
    else first = Math.max(Math.min(first, place - edge), place + edge - room + 1);
    first = Math.min(Math.max(first, 0), total - room);
  };

  grid.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -total, End: total };
    const letter = event.key.toUpperCase();
    if (event.key in moves) at = Math.min(Math.max(at + moves[event.key], 0), total - 1);
    else if (event.key === "ArrowUp" || event.key === "ArrowDown") row = Math.min(Math.max(row + (event.key === "ArrowUp" ? -1 : 1), 0), size);
    else if (letter.length === 1 && alphabet.includes(letter)) {
      chosen(at, letter);
      return;
    } else return;
    event.preventDefault();
    scroll(at);
    paint();
    columns[at - first].buttons[row].focus();
    moved(at);
  });

  const paint = () => {
    const { letters, changes, truth, limit } = shown;
    const words = (value) => kit.signed(value);
    columns.forEach(({ mark, buttons }, column) => {
      const place = first + column;
      const here = letters[place];
      const isCausal = causal.includes(place);
      mark.textContent = isCausal ? "●" : place % 5 === 0 ? String(place) : "";
      buttons[0].textContent = here;
      buttons[0].className = `gl-base gl-s${kit.baseColour(here)}${here === original[place] ? "" : " gl-changed"}`;
      buttons[0].setAttribute("aria-label", `Position ${place}: ${here}${here === original[place] ? "" : `, was ${original[place]}`}${isCausal ? ", causal" : ""}`);
      Array.from(alphabet).forEach((letter, b) => {
        const button = buttons[b + 1];
        const [left, right, text] = button.children;
        const tint = (part, value) => {
          part.className = value > 0 ? "gl-up" : "gl-down";
          part.style.opacity = Math.min(Math.abs(value) / limit, 1).toFixed(3);
        };
        const i = place * size + b;
        tint(left, changes[i]);
        tint(right, (truth ?? changes)[i]);
        button.classList.toggle("gl-split", truth !== null);
        button.classList.toggle("gl-there", letter === here);
        text.textContent = letter === here ? letter : "";
        button.setAttribute("aria-label", letter === here ? `Position ${place} is ${here} now` : `Position ${place}, ${here} to ${letter}: ${words(changes[i])}${truth ? `, truth ${words(truth[i])}` : ""}`);
      });
    });
    title.textContent = `Positions ${first} to ${first + columns.length - 1}: choose a cell to make that substitution`;
    note.textContent = truth ? "Left half of a cell: the network. Right half: the truth." : "The letter in a column is the base that is there now.";
    roam();
  };

  return {
    element,
    shown: () => ({ first, count: columns.length }),
    // Bring a position into the window without moving the focus.
    look: (place) => {
      at = place;
      if (!shown) return;
      scroll(at, at < first || at >= first + columns.length);
      paint();
      moved(at);
    },
    draw: (state) => {
      const centred = shown === null;
      shown = state;
      const room = Math.min(Math.max(Math.floor((grid.clientWidth - 42) / 28), 5), 40, total);
      if (room !== columns.length) build(room);
      scroll(at, centred);
      paint();
    },
  };
}
