// What data in and out can do better with a script: dropping a file, copying an address, printing.
(() => {
  "use strict";
  for (const form of document.querySelectorAll("form[data-drop]")) {
    const input = form.querySelector("input[type=file]");
    const show = (isOver) => form.classList.toggle("is-over", isOver);
    form.addEventListener("dragover", (event) => { event.preventDefault(); show(true); });
    form.addEventListener("dragleave", () => show(false));
    form.addEventListener("drop", (event) => {
      event.preventDefault();
      show(false);
      if (!event.dataTransfer.files.length) return;
      input.files = event.dataTransfer.files;
      form.requestSubmit();
    });
  }
  for (const button of document.querySelectorAll("[data-copy]")) {
    button.hidden = !navigator.clipboard;
    button.addEventListener("click", async () => {
      const field = document.getElementById(button.dataset.copy);
      field.select();
      await navigator.clipboard.writeText(field.value);
    });
  }
  for (const button of document.querySelectorAll("[data-print]")) {
    button.hidden = false;
    button.addEventListener("click", () => window.print());
  }
})();
