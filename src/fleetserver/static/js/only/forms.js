// What forms can do better with a script: lines that grow, models of a make.
(() => {
  "use strict";
  // A line more when the last one is begun: without this a form has a few empty ones.
  document.addEventListener("input", (event) => {
    const named = /^(\w+)\.(\d+)\.(\w+)$/.exec(event.target.name || "");
    const line = named && event.target.closest(".pair");
    if (!line || !event.target.value) return;
    const [, name, number] = named;
    const next = Number(number) + 1;
    if (next > 199 || document.querySelector(`[name^="${name}.${next}."]`)) return;
    const copy = line.cloneNode(true);
    for (const each of copy.querySelectorAll(".error, .stored")) each.remove();
    for (const each of copy.querySelectorAll("[name], [id], [for], [list], [aria-describedby]")) {
      for (const attribute of ["name", "id", "for", "list"]) {
        const said = each.getAttribute(attribute);
        if (said) each.setAttribute(attribute, said.replace(`${name}.${number}.`, `${name}.${next}.`));
      }
      each.removeAttribute("aria-describedby");
      each.removeAttribute("aria-invalid");
      if ("value" in each) each.value = "";
    }
    for (const label of copy.querySelectorAll("label")) {
      const text = label.firstChild;
      if (text && text.nodeType === 3) text.data = text.data.replace(/\d+(\s*)$/, `${next + 1}$1`);
    }
    line.after(copy);
  });

  // The models of the make that was typed.
  const make = document.getElementById("field-make"), model = document.getElementById("field-model");
  if (make && model) {
    make.addEventListener("change", async () => {
      const names = await fetch(`/vehicles/models?make=${encodeURIComponent(make.value)}`).then((reply) => reply.json()).catch(() => []);
      const list = document.createElement("datalist");
      list.id = "field-model-list";
      for (const name of names) { const option = document.createElement("option"); option.value = name; list.append(option); }
      document.getElementById(list.id)?.remove();
      model.after(list);
      model.setAttribute("list", list.id);
    });
  }
})();
