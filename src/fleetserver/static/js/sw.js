// Keeps pages at hand without a connection, and what is written then until it is sent: once, and only by its writer.
"use strict";
const SAID = __SAID__;
const SHELL = `shell-${SAID.build}`, PAGES = "pages-", PAGES_MAX = 50, SENT_MAX = 20;
const PATIENCE = 3000, POST_PATIENCE = 20000, HOUR = 3600000, TAG = "fleet-queue";
const NEVER = /^\/(api|events|admin|account|household|login|logout|register|export|outbox\/whom|offline|static|sw\.js|manifest)/;
const CHANGES = /^\/(account|language|people)/;  // what makes every page another
const drafts = new Map();
let saving = null;

// What lasts: entries, and who visited last.
const within = (store, mode, act) => new Promise((done, failed) => {
  const opening = indexedDB.open("fleet", 1);
  opening.onupgradeneeded = () => {
    opening.result.createObjectStore("outbox", { keyPath: "key" });
    opening.result.createObjectStore("kept");
  };
  opening.onerror = () => failed(opening.error);
  opening.onsuccess = () => {
    const base = opening.result, change = base.transaction(store, mode), asked = act(change.objectStore(store));
    change.oncomplete = () => { base.close(); done(asked.result); };
    change.onabort = () => { base.close(); failed(change.error); };
  };
});
const entries = () => within("outbox", "readonly", (store) => store.getAll());
const entry = (key) => within("outbox", "readonly", (store) => store.get(key));
const keep = (one) => within("outbox", "readwrite", (store) => store.put(one));
const drop = (key) => within("outbox", "readwrite", (store) => store.delete(key));
const kept = (name) => within("kept", "readonly", (store) => store.get(name));
const note = (name, value) => within("kept", "readwrite", (store) => store.put(value, name));

const tell = async () => {
  for (const page of await self.clients.matchAll()) page.postMessage({ queue: true });
};

// Pages: the network first; a copy only of the visitor's own, and with its age.
async function seen(response, url) {
  const mark = response.headers.get("Fleet-Visitor");
  if (mark === null) return;
  if (mark !== await kept("visitor")) {
    await note("visitor", mark);
    for (const name of await caches.keys()) if (name.startsWith(PAGES) && name !== PAGES + mark) await caches.delete(name);
  }
  const said = response.headers;
  if (!mark || !response.ok || NEVER.test(url.pathname)) return;
  if (!/text\/html/.test(said.get("Content-Type")) || /no-store/.test(said.get("Cache-Control"))) return;
  const headers = new Headers(said), now = new Date().toISOString(), body = await response.blob();
  headers.set("Fleet-Saved", now);
  if (url.pathname === "/" && !url.search) {
    const there = vehiclesIn(await body.text()).join();
    if (there !== await kept("vehicles")) { await note("vehicles", there); await note("changed", now); }
  }
  const cache = await caches.open(PAGES + mark);
  await cache.delete(url.href, { ignoreVary: true });  // what was saved last stands last
  await cache.put(url.href, new Response(body, { headers }));
  const old = await cache.keys();
  for (const one of old.slice(0, Math.max(0, old.length - PAGES_MAX))) await cache.delete(one, { ignoreVary: true });
}

const vehiclesIn = (html) => [...new Set(html.match(/\/vehicles\/[0-9a-f-]{36}(?=")/g))];

async function copyOf(url) {
  const mark = await kept("visitor");
  if (!mark) return null;
  const cache = await caches.open(PAGES + mark);
  const found = await cache.match(url.href, { ignoreVary: true })
    || await cache.match(url.href, { ignoreVary: true, ignoreSearch: true });
  if (!found) return null;
  const html = await found.text();
  return new Response(html.replace("<body", `<body data-saved="${found.headers.get("Fleet-Saved")}"`), { headers: found.headers });
}

const nothing = async () => await caches.match("/offline", { cacheName: SHELL, ignoreVary: true }) || Response.error();
const after = (wait) => new Promise((done) => { setTimeout(done, wait); });

async function visit(event, url) {
  const fresh = fetch(event.request).then((response) => {
    if (response.type !== "opaqueredirect") event.waitUntil(saving = seen(response.clone(), url).catch(() => {}));
    return response;
  });
  event.waitUntil(fresh.catch(() => {}));
  try {
    return await Promise.race([fresh, after(PATIENCE)]) || await copyOf(url) || await fresh;
  } catch {
    return await copyOf(url) || await nothing();
  }
}

async function file(request) {
  const cache = await caches.open(SHELL), found = await cache.match(request, { ignoreVary: true });
  if (found) return found;
  try {
    const response = await fetch(request);
    if (response.ok) await cache.put(request, response.clone());
    return response;
  } catch (error) {  // a saved page may name a file of the day before
    const stem = (address) => new URL(address).pathname.replace(/\.[0-9a-f]{10}\./, ".");
    for (const each of await cache.keys()) if (stem(each.url) === stem(request.url)) return cache.match(each, { ignoreVary: true });
    throw error;
  }
}

// Entries: what cannot be sent is kept, under the key by which the server knows it again.
const same = (one, other) => JSON.stringify(one.fields) === JSON.stringify(other.fields) && one.url === other.url;

async function send(event, url) {
  const typed = event.request.clone().formData().catch(() => null);
  const response = await Promise.race([fetch(event.request).catch(() => null), after(POST_PATIENCE)]);
  const form = await typed;
  if (response && response.status < 502) {
    if (form?.has("_replaces") && response.type === "opaqueredirect") await drop(form.get("_replaces"));
    if (CHANGES.test(url.pathname)) await note("changed", new Date().toISOString());
    event.waitUntil(tell());
    return response;
  }
  if (!form?.get("_at") || !form.get("_by")) return response || nothing();
  const fields = [...form].filter(([name]) => !["_csrf", "_key", "_at", "_replaces"].includes(name));
  const one = {
    key: form.get("_key") || crypto.randomUUID(), by: form.get("_by"), url: url.pathname + url.search, at: form.get("_at"),
    fields, state: "waiting", tries: 0, problems: [], title: url.pathname, told: [], page: url.pathname, ...drafts.get(form.get("_key")),
  };
  const before = await entry(one.key);
  if (before && !same(before, one)) one.key = crypto.randomUUID();  // the same form, filled in anew
  await keep(one);
  if (form.has("_replaces")) await drop(form.get("_replaces"));
  await self.registration.sync?.register(TAG).catch(() => {});
  event.waitUntil(tell());
  return Response.redirect("/outbox", 303);
}

// True: there is nothing more to do now; false: try again later.
async function flush() {
  const all = await entries(), sent = all.filter((one) => one.state === "sent").sort((a, b) => (a.sentAt < b.sentAt ? 1 : -1));
  for (const one of sent.slice(SENT_MAX)) await drop(one.key);
  const due = all.filter((one) => one.state === "waiting").sort((a, b) => (a.at < b.at ? -1 : 1));
  if (!due.length) return true;
  try {
    const answer = await fetch("/outbox/whom", { redirect: "manual", cache: "no-store" });
    if (!answer.ok) return answer.type === "opaqueredirect";  // signed out: it waits for its writer
    const whom = await answer.json();
    for (const one of due) if (one.by === whom.by && !(await deliver(one, whom.csrf))) return false;
    return true;
  } catch {
    return false;
  }
}

async function deliver(one, csrf) {
  const sent = [...one.fields, ["_key", one.key], ["_csrf", csrf]];
  const body = sent.some(([, value]) => value instanceof Blob) ? new FormData() : new URLSearchParams();
  for (const [name, value] of sent) body.append(name, value);
  const headers = { "Fleet-Queued": one.at, "Idempotency-Key": one.key };
  const answer = await fetch(one.url, { method: "POST", body, headers, redirect: "manual" });
  if (answer.headers.get("Fleet-Visitor") !== one.by) return false;  // somebody else came meanwhile
  if (answer.status >= 500 || [401, 408, 425, 429].includes(answer.status)) return false;
  const said = await answer.json().catch(() => ({}));
  if (!await entry(one.key)) return true;  // discarded meanwhile
  const told = { ...one, tries: one.tries + 1, problems: said.problems || [] };
  if (answer.ok) Object.assign(told, { state: "sent", sentAt: new Date().toISOString(), message: said.message, to: said.to, fields: [] });
  else told.state = answer.status === 409 ? "conflict" : "refused";
  await keep(told);
  await tell();
  return true;
}

const flushed = () => navigator.locks.request(TAG, flush);

// The pages of every day and those of the first vehicles, as they are today and since the last change of vehicles.
async function warm(by) {
  if (!by) return;
  await saving;
  const name = `warm ${by}`, now = new Date().toISOString(), mine = `${SAID.build} ${now.slice(0, 10)}`;
  const last = await kept(name), changed = await kept("changed") || "";
  if (last?.mine === mine && last.at > changed && (last.isAll || Date.now() - Date.parse(last.at) < HOUR)) return;
  await note(name, { mine, at: now, isAll: true });
  const cache = await caches.open(PAGES + by), paths = [...SAID.warm];
  let isAll = true;
  for (const path of paths) {
    const url = new URL(path, location.origin);
    let page = await cache.match(url.href, { ignoreVary: true });
    const saved = page?.headers.get("Fleet-Saved") || "";
    if (!saved.startsWith(now.slice(0, 10)) || saved < changed) {
      page = await fetch(url, { redirect: "manual", headers: { Accept: "text/html" } }).catch(() => null);
      if (page?.ok) await seen(page.clone(), url);
      else isAll = false;
    }
    if (path === "/" && page?.ok) paths.push(...vehiclesIn(await page.text()).slice(0, 8));
  }
  await note(name, { mine, at: now, isAll });
}

const asked = {
  draft: async ({ key, draft }) => { drafts.set(key, draft); },
  list: async ({ by }) => {
    const all = await entries();
    return { mine: all.filter((one) => one.by === by), others: all.filter((one) => one.by !== by && one.state !== "sent").length };
  },
  flush: flushed,
  claim: () => self.clients.claim(),
  warm: ({ by }) => warm(by),
  retry: async ({ by, key }) => { const one = await entry(key); if (one?.by === by) await keep({ ...one, state: "waiting" }); await tell(); },
  drop: async ({ by, key }) => { if ((await entry(key))?.by === by) await drop(key); await tell(); },
};

self.addEventListener("install", (event) => event.waitUntil((async () => {
  const cache = await caches.open(SHELL);
  await cache.addAll(SAID.shell);
  await cache.put("/offline", await fetch("/offline", { credentials: "omit" }));
  await self.skipWaiting();
})()));
self.addEventListener("activate", (event) => event.waitUntil((async () => {
  for (const name of await caches.keys()) if (name.startsWith("shell-") && name !== SHELL) await caches.delete(name);
  await self.clients.claim();
})()));
self.addEventListener("sync", (event) => {
  if (event.tag === TAG) event.waitUntil(flushed().then((isDone) => { if (!isDone) throw new Error("later"); }));
});
self.addEventListener("message", (event) => {
  const answer = asked[event.data.what];
  if (answer) event.waitUntil(answer(event.data).then((said) => event.ports[0]?.postMessage(said)));
});
self.addEventListener("fetch", (event) => {
  const { request } = event, url = new URL(request.url);
  if (url.origin !== location.origin) return;
  if (request.mode === "navigate" && request.method === "POST") event.respondWith(send(event, url));
  else if (request.mode === "navigate" && request.method === "GET" && !/^\/(api|events|static|metrics)/.test(url.pathname)) event.respondWith(visit(event, url));
  else if (request.method === "GET" && url.pathname.startsWith("/static/")) event.respondWith(file(request));
});
