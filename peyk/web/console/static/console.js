"use strict";
// The console without this file is a set of plain pages and forms; with it they stay up to date and have shortcuts.

const byId = (id) => document.getElementById(id);
const typingIn = (element) => Boolean(element && element.closest("input, textarea, select, [contenteditable]"));

// ---- News: the server says that something has changed, the parts of the page ask for themselves what.
const NEWS = "peyk:changed";

function listen(address) {
  const sign = byId("live");
  const show = (state) => {
    if (!sign) return;
    sign.classList.toggle("on", state === "on");
    sign.classList.toggle("off", state === "off");
    if (sign.textContent !== sign.dataset[state]) sign.textContent = sign.dataset[state];
  };
  const source = new EventSource(address);
  source.addEventListener("open", () => show("on"));
  source.addEventListener("error", () => show("off"));
  source.addEventListener("changed", () => document.body.dispatchEvent(new Event(NEWS)));
  source.addEventListener("bye", () => {
    source.close();
    location.assign("/console/login");
  });
  addEventListener("pagehide", () => source.close());
}

// ---- What stands on somebody's screen has been read; a page in the background shows it to nobody.
document.addEventListener("htmx:configRequest", (event) => {
  const entries = event.detail.verb === "get" && event.detail.elt.matches(".more");
  if (entries && document.visibilityState === "visible") event.detail.parameters.looking = "true";
});
document.addEventListener("visibilitychange", () => {
  if (document.visibilityState === "visible" && document.body.dataset.events) document.body.dispatchEvent(new Event(NEWS));
});

// ---- Who writes a reply is seen writing; said again now and then, for the sign ends by itself.
const TELL_MS = 3000;
let told = -TELL_MS;
document.addEventListener("input", ({ target, timeStamp }) => {
  const mine = document.querySelector(".state[data-mine=yes]");
  if (!mine || !target.matches("[data-tells]") || !target.value.trim() || timeStamp - told < TELL_MS) return;
  told = timeStamp;
  const headers = { "X-CSRF-Token": target.form.elements.csrf.value };
  fetch(target.dataset.tells, { method: "POST", headers, redirect: "manual" }).catch(() => { /* it is only a sign */ });
});

// ---- The log stays at its end, unless somebody reads further up.
const log = byId("log");
let atEnd = true;
if (log) {
  const toEnd = () => { log.scrollTop = log.scrollHeight; };
  log.addEventListener("scroll", () => { atEnd = log.scrollHeight - log.scrollTop - log.clientHeight < 80; });
  new MutationObserver(() => { if (atEnd) toEnd(); }).observe(log, { childList: true });
  toEnd();
}

// ---- Parts of the page that are open or being written in are not replaced under somebody's hands.
document.addEventListener("htmx:beforeSwap", (event) => {
  const target = event.detail.target;
  const own = event.detail.requestConfig.verb === "get" && target.id === "state";
  // Nor what is there already: a click that falls on a button while it is replaced would be lost.
  if (own && (target.querySelector("dialog[open]") || same(target, event.detail.xhr.responseText))) {
    event.detail.shouldSwap = false;
  }
  // What is no part of a page never replaces one: nothing an operator types is lost to a refusal.
  const { xhr } = event.detail;
  if (xhr.status < 400 || (xhr.getResponseHeader("Content-Type") || "").startsWith("text/html")) return;
  event.detail.shouldSwap = false;
  if (event.detail.requestConfig.verb !== "get") problem(xhr.status === 413 ? "tooLarge" : "notSent");
});
function same(target, html) {
  const fresh = document.createElement("div");
  fresh.append(new DOMParser().parseFromString(html, "text/html").body);
  return fresh.firstChild.innerHTML.trim() === target.innerHTML.trim();
}
document.addEventListener("htmx:sendError", (event) => {
  // A server that refuses a large file may hang up before all of it was sent.
  if (event.detail.requestConfig.verb !== "get") problem("notSent");
});
document.addEventListener("htmx:beforeRequest", (event) => {
  const field = event.detail.elt.querySelector("input[type=file]");
  const most = Number(byId("problems").dataset.mostBytes);
  if (event.detail.requestConfig.verb === "get" || !field || !field.files.length || field.files[0].size <= most) return;
  event.preventDefault();
  problem("tooLarge");
});
function problem(which) {
  const line = document.createElement("p");
  line.className = "problem";
  line.textContent = byId("problems").dataset[which];
  byId("problems").replaceChildren(line);
}
document.addEventListener("htmx:afterRequest", (event) => {
  const form = event.detail.elt;
  // What the page fetches by itself says nothing about what somebody has sent.
  if (!event.detail.successful || event.detail.xhr.status >= 400 || event.detail.requestConfig.verb === "get") return;
  byId("problems").replaceChildren();
  if (form.matches("form[data-clears]")) form.reset();
  if (form.matches("form.composer") && byId("reply")) byId("reply").focus();
});

// ---- What the page offers by attributes.
document.addEventListener("click", (event) => {
  const button = event.target.closest("[data-opens], [data-closes], [data-inserts]");
  if (!button) return;
  const { opens, closes, inserts } = button.dataset;
  if (opens && byId(opens)) byId(opens).showModal();
  if (closes && byId(closes)) byId(closes).close();
  if (inserts !== undefined) insert(inserts);
});
document.addEventListener("change", (event) => {
  const field = event.target;
  if (field.matches("[data-submits]")) field.form.requestSubmit();
  if (field.matches(".attach input")) {
    field.closest(".attach").classList.toggle("chosen", field.files.length > 0);
    field.previousElementSibling.textContent = field.files.length ? field.files[0].name : field.previousElementSibling.textContent;
  }
});

function insert(text) {
  const reply = byId("reply");
  const before = reply.value.slice(0, reply.selectionStart);
  reply.setRangeText((before && !/\s$/.test(before) ? " " : "") + text, reply.selectionStart, reply.selectionEnd, "end");
  const picker = reply.form.querySelector("details.macros");
  if (picker) picker.open = false;
  reply.focus();
}

// ---- Shortcuts. Single letters can be switched off: people who speak to their computer type them by accident.
const KEPT = "peyk-single-keys";
const singleKeys = byId("single-keys");
const remembered = () => { try { return localStorage.getItem(KEPT) !== "off"; } catch { return true; } };
if (singleKeys) {
  singleKeys.checked = remembered();
  singleKeys.addEventListener("change", () => {
    try { localStorage.setItem(KEPT, singleKeys.checked ? "on" : "off"); } catch { /* for this page only */ }
  });
}
let going = false;

document.addEventListener("keydown", (event) => {
  const place = event.target;
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && place.matches("[data-sends]")) {
    event.preventDefault();
    place.form.requestSubmit();
    return;
  }
  if (event.key === "Escape") {
    const picker = document.querySelector("details.macros[open]");
    if (picker) picker.open = false;
    else if (typingIn(place)) place.blur();
    return;
  }
  const off = !singleKeys || !singleKeys.checked;
  if (off || event.ctrlKey || event.metaKey || event.altKey || typingIn(place) || document.querySelector("dialog[open]")) return;
  if (shortcut(keyOf(event))) event.preventDefault();
});

// With a Persian layout the same key gives another letter: then the key's place counts.
function keyOf(event) {
  if (event.key === "?" || event.key === "؟") return "?";
  if (event.code === "Slash") return "/";
  return event.code.startsWith("Key") ? event.code.slice(3).toLowerCase() : event.key;
}

function shortcut(key) {
  if (going) {
    going = false;
    const tab = document.querySelector(`[data-go="${CSS.escape(key)}"]`);
    if (tab) tab.click();
    return Boolean(tab);
  }
  if (key === "g") {
    going = true;
    setTimeout(() => { going = false; }, 1500);
    return true;
  }
  if (key === "j" || key === "k") return step(key === "j" ? 1 : -1);
  const wanted = document.querySelector(`[data-key="${CSS.escape(key)}"]`);
  if (!wanted) {
    if (key === "/") location.assign("/console/search");
    return key === "/";
  }
  if (wanted.matches("button")) wanted.click();
  else if (wanted.matches("details")) wanted.querySelector("summary").click();
  else wanted.focus();
  return true;
}

function step(by) {
  const rows = [...document.querySelectorAll("[data-row]")].filter((row) => row.offsetParent !== null);
  const here = rows.findIndex((row) => row === document.activeElement);
  const next = rows[here < 0 ? (by > 0 ? 0 : rows.length - 1) : here + by];
  if (next) next.focus();
  return Boolean(next);
}

if (document.body.dataset.events) listen(document.body.dataset.events);
