// A native select box with a visible label; its options may change.

export function selectBox({ label, changed }, kit) {
  const id = kit.identifier("select");
  const input = kit.html("select", { id, class: "gl-select" });
  input.addEventListener("change", () => changed(input.value));
  return {
    element: kit.html("div", { class: "gl-control" }, kit.html("label", { for: id, class: "gl-label" }, label), input),
    input,
    // options: [[value, text], ...]
    show(options, value) {
      input.replaceChildren(...options.map(([key, text]) => kit.html("option", { value: key }, text)));
      input.value = value;
    },
  };
}
