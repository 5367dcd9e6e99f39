// Keys and the palette: what they need is loaded when they are first used.
(() => {
  "use strict";
  const link = document.querySelector("[data-palette]");
  if (!link) return;
  let loaded = null, waits = false;
  const use = (name, ...said) => (loaded = loaded || import(link.dataset.script)).then((palette) => palette[name](...said));
  link.addEventListener("click", (event) => {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.button) return;
    event.preventDefault();
    use("open");
  });
  document.addEventListener("keydown", (event) => {
    if (event.defaultPrevented || event.isComposing || event.altKey) return;
    if (event.ctrlKey || event.metaKey) {
      if (event.key.toLowerCase() === "k" && !event.shiftKey) { event.preventDefault(); use("open"); }
      return;
    }
    if (event.target.closest("input, select, textarea, [contenteditable], dialog")) return;
    if (!waits && !"/gn?".includes(event.key)) return;
    if (event.key === "/") event.preventDefault();
    waits = !waits && "gn".includes(event.key);
    use("press", event.key);
  });
  const choice = document.querySelector("#keys-switch button");
  if (choice) use("offer", choice);
})();
