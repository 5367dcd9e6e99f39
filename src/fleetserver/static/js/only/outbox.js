// The page of what waits to be sent: filled from what this browser keeps for its visitor.
(() => {
  "use strict";
  const page = document.getElementById("outbox"), queue = window.fleetQueue;
  if (!page || !queue) return;
  const shape = document.getElementById("entry").content, texts = page.dataset, lang = document.documentElement.lang;
  const named = (place, name) => place.querySelector(`[data-part=${name}]`);
  const when = (at) => new Date(at).toLocaleString(lang, { dateStyle: "medium", timeStyle: "short" });
  const element = (name, text) => Object.assign(document.createElement(name), { textContent: text });
  // Sent as it was written, the server shows both, field by field; the entry goes when that page is saved.
  const compared = (one) => {
    const form = Object.assign(document.createElement("form"), { method: "post", action: `${one.url}#outbox=${one.key}`, hidden: true });
    const csrf = document.querySelector("[name=_csrf]").value;
    for (const [name, value] of [...one.fields, ["_csrf", csrf], ["_replaces", one.key]]) {
      if (typeof value === "string") form.append(Object.assign(document.createElement("input"), { type: "hidden", name, value }));
    }
    document.body.append(form);
    form.submit();
  };
  const drawn = (one) => {
    const item = shape.cloneNode(true).firstElementChild;
    named(item, "title").textContent = one.title;
    named(item, "when").textContent = one.state === "sent" ? `${texts.sent} ${when(one.sentAt)}` : `${texts.written} ${when(one.at)}`;
    const badge = named(item, "state");
    badge.textContent = texts[`state${one.state[0].toUpperCase()}${one.state.slice(1)}`];
    badge.classList.add({ sent: "is-fine", waiting: "is-plain" }[one.state] || "is-overdue");
    named(item, "told").append(...one.told.map(([label, value]) => {
      const row = document.createElement("div");
      row.append(element("dt", label), element("dd", value));
      return row;
    }));
    const problems = one.message && one.state === "sent" ? [one.message] : one.problems;
    named(item, "problems").append(...problems.map((text) => element("li", text)));
    named(item, "problems").hidden = !problems.length;
    const correct = named(item, "correct"), discard = named(item, "discard"), retry = named(item, "retry");
    for (const button of [correct, discard, retry, named(item, "compare")]) button.querySelector(".unseen").textContent = `: ${one.title}, ${when(one.at)}`;
    correct.href = `${one.page}#outbox=${one.key}`;
    const isLate = one.state === "conflict", compare = named(item, "compare");
    correct.hidden = one.state === "sent" || isLate;
    compare.hidden = !isLate;
    compare.addEventListener("click", () => compared(one));
    retry.hidden = one.state !== "refused";
    retry.addEventListener("click", () => queue.ask("retry", { key: one.key }).then(queue.flush));
    if (one.state === "sent") discard.firstElementChild.textContent = texts.forget;
    let isAsked = one.state === "sent";
    discard.addEventListener("click", () => {
      if (isAsked) { queue.ask("drop", { key: one.key }).then(() => document.getElementById("main").focus()); return; }
      isAsked = true;
      discard.firstElementChild.textContent = texts.sure;
    });
    return item;
  };
  // Safari deletes what a page keeps; only what stands on the home screen lasts.
  const install = document.getElementById("install");
  if (install) install.hidden = navigator.standalone !== false;
  let before = "";
  queue.watch(({ mine, others }) => {
    const now = JSON.stringify([mine, others]);
    if (now === before) return;  // nothing is drawn anew under somebody's hands
    before = now;
    const order = { refused: 0, conflict: 0, waiting: 1, sent: 2 };
    const open = mine.filter((one) => one.state !== "sent").length;
    if (open) navigator.storage?.persist?.();
    mine.sort((a, b) => order[a.state] - order[b.state] || (a.at < b.at ? -1 : 1));
    named(page, "list").replaceChildren(...mine.map(drawn));
    named(page, "list").hidden = !mine.length;
    named(page, "none").hidden = mine.length > 0;
    named(page, "send").hidden = !mine.some((one) => one.state === "waiting");
    const elsewhere = named(page, "others");
    elsewhere.hidden = !others;
    elsewhere.textContent = others === 1 ? texts.other : texts.others.replace("{number}", others);
    named(page, "said").textContent = open ? (open === 1 ? texts.one : texts.many.replace("{number}", open)) : mine.length ? texts.all : "";
  });
  named(page, "send").addEventListener("click", queue.flush);
})();
