// Pages that change by themselves: one stream of events; the page is asked for anew when one names something on it.
(() => {
  "use strict";
  const box = document.getElementById("live"), main = document.querySelector("main[data-live]");
  if (!box || !main || !window.htmx) return;
  const [button] = box.getElementsByTagName("button"), said = box.querySelector("[role=status]");
  const areas = new Set(main.dataset.live.split(/\s+/)), texts = box.dataset, EVERY = 2000, QUIET = 5000;
  let connection = null, timer = 0, shown = 0, told = 0, missed = false;
  const isPaused = () => localStorage.getItem("fleet-live") === "paused";
  const say = (text) => { if (said.textContent !== text) said.textContent = text; };
  const isTyping = () => {
    const one = document.activeElement;
    return one && main.contains(one) && one.matches("input:not([type=checkbox]), select, textarea");
  };
  // Nothing changes under somebody's hands: what comes while they type is shown when they leave the field.
  const show = () => {
    timer = 0;
    if (isPaused()) return;
    if (isTyping()) { missed = true; return; }
    missed = false;
    shown = Date.now();
    htmx.trigger(main, "fleet:changed");
  };
  const soon = () => { timer ||= setTimeout(show, Math.max(20, shown + EVERY - Date.now())); };
  const open = () => {
    if (!isPaused() && !document.hidden && navigator.onLine && !connection) htmx.trigger(box, "live:open");
  };
  const close = () => { connection?.reader?.cancel(); connection = null; };
  const draw = () => {
    box.hidden = false;
    const [pause, play, name] = button.children;
    [pause.hidden, play.hidden] = [isPaused(), !isPaused()];
    name.textContent = isPaused() ? texts.resume : texts.pause;
  };
  const heard = (event) => {
    if (event.type === "reset") { soon(); return; }
    const news = JSON.parse(event.detail.data), [area] = news.event.split(".");
    if (!areas.has(area)) return;
    const about = main.dataset.about;
    if (about && news.vehicle_id && news.vehicle_id !== about) return;
    soon();
  };
  for (const name of ["event", "reminderNotification", "vehicleStatusUpdate", "reset"]) box.addEventListener(name, heard);
  box.addEventListener("htmx:sse:after:connection", (event) => { connection = event.detail.connection; });
  box.addEventListener("htmx:sse:before:connection", (event) => { if (isPaused()) event.preventDefault(); });
  box.addEventListener("htmx:sse:close", () => { connection = null; });
  box.addEventListener("htmx:sse:error", (event) => say(event.detail.status === 401 ? texts.out : texts.broken));
  main.addEventListener("focusout", () => setTimeout(() => { if (missed) soon(); }, 50));
  let before = null;
  main.addEventListener("htmx:before:swap", () => { before = main.contains(document.activeElement) && document.activeElement; });
  main.addEventListener("htmx:after:swap", () => {
    if (before && before !== main && !before.isConnected && document.activeElement === document.body) main.focus({ preventScroll: true });
    if (Date.now() - told < QUIET) return;
    told = Date.now();
    const time = new Date().toLocaleTimeString(document.documentElement.lang, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
    say(texts.updated.replace("{time}", time));
  });
  button.addEventListener("click", () => {
    localStorage.setItem("fleet-live", isPaused() ? "on" : "paused");
    draw();
    if (isPaused()) { close(); say(texts.paused); } else { say(""); soon(); open(); }
  });
  draw();
  // The stream begins as soon as htmx has looked at the page, and anew whenever it had to end.
  main.addEventListener("htmx:after:init", () => setTimeout(open), { once: true });
  setInterval(open, 10000);
  addEventListener("online", () => { soon(); open(); });
  addEventListener("pageshow", (event) => { if (event.persisted) { connection = null; soon(); open(); } });
})();
