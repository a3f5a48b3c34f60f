"use strict";
const $ = (id) => document.getElementById(id);
// Order numbers, tracking codes and phone numbers keep their direction inside a sentence of the other one.
const IDENTIFIER = /([A-Z]{2,4}-\d{4,}|[A-Z]{2}\d{9}[A-Z]{2}|\+?\d+\*+\d+|\+?\d[\d-]{8,}\d|https?:\/\/\S+)/;
const SVG = document.querySelector("svg").namespaceURI;
let page;
let language = localStorage.getItem("peyk-language") || "fa";
let seen = "";
let broken = {};

// Before the widget's script runs: it goes by the page's language.
document.documentElement.lang = language;
document.documentElement.dir = language === "fa" ? "rtl" : "ltr";

function element(name, properties, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

function withIdentifiers(text) {
  return text.split(IDENTIFIER).map((part, place) => (place % 2
    ? element("bdi", { dir: "ltr", className: part.length > 24 ? "long" : "", textContent: part }) : part));
}

const say = (key) => page.texts[key][language];
const languageOf = (text) => (/[\u0600-\u06ff]/.test(text) ? "fa" : "en");

function offline(now, key = "offline") {
  const words = now ? say(key) : "";
  if ($("offline").textContent !== words) $("offline").textContent = words;
}

function ask(text) {
  // The widget leaves this handle on the page; where it is not built there is none.
  if (!window.Peyk) { offline(true, "no_widget"); return; }
  window.Peyk.open();
  window.Peyk.ask?.(text);
}

async function moveOn(order) {
  try {
    const response = await fetch(`/demo/orders/${encodeURIComponent(order)}/advance`, { method: "POST" });
    const { status } = await response.json();
    const words = say(!response.ok ? "move_unknown" : status ? "moved" : "moved_no_more");
    $("moved").replaceChildren(...withIdentifiers(words.replace("{order}", order)));
  } catch {
    offline(true);
  }
}

async function refreshPhone() {
  try {
    const to = encodeURIComponent($("mobile").value);
    const messages = await (await fetch(`/demo/outbox?to=${to}`)).json();
    offline(false);
    const now = JSON.stringify([messages, language]);
    if (now === seen) return;
    seen = now;
    const items = messages.map((message) => element("li", { dir: "auto" }, ...withIdentifiers(message.text)));
    $("outbox").replaceChildren(...(items.length ? items : [element("li", { textContent: say("no_sms") })]));
  } catch {
    offline(true); // the next round asks again
  }
}

async function showFaults() {
  try {
    broken = (await (await fetch("/demo/faults")).json()).faults;
  } catch { /* what was known last */ }
  $("faults").replaceChildren(...page.systems.map((system) => {
    const choice = (value, key) => element("option", { value, textContent: say(key), selected: (broken[system.id] || "") === value });
    const list = element("select", { onchange: () => setFault(system.id, list) }, choice("", "works"), ...page.kinds.map((kind) => choice(kind, kind)));
    return element("label", {}, system[language], list);
  }));
}

async function setFault(system, list) {
  const kind = list.value;
  const body = JSON.stringify(kind ? { system, kind } : { system });
  try {
    const response = await fetch("/demo/faults", { method: kind ? "POST" : "DELETE", headers: { "Content-Type": "application/json" }, body });
    broken = (await response.json()).faults || broken;
  } catch {
    offline(true);
  }
  list.value = broken[system] || "";
}

function showStories() {
  const other = language === "fa" ? "en" : "fa";
  const asks = (story, key) => element("button", { type: "button", lang: key, dir: "auto", className: key === language ? "" : "quiet",
    onclick: () => { if (story.mobile) $("mobile").value = story.mobile; ask(story[key].ask); refreshPhone(); } }, ...withIdentifiers(story[key].ask));
  const moves = (story) => element("button", { type: "button", className: "quiet", onclick: () => moveOn(story.order) },
    ...withIdentifiers(say("move_on").replace("{order}", story.order)));
  $("stories").replaceChildren(...page.stories.map((story) => element("tr", {},
    element("td", {}, element("bdi", { textContent: story.order })), element("td", {}, element("bdi", { dir: "ltr", textContent: story.mobile })),
    element("td", { dir: "auto", textContent: story[language].story }), element("td", {}, asks(story, language), " ", asks(story, other), " ", moves(story)))));
}

function showProducts() {
  const drawn = (name) => {
    const art = document.createElementNS(SVG, "svg");
    const use = document.createElementNS(SVG, "use");
    use.setAttribute("href", `#art-${name}`);
    art.setAttribute("aria-hidden", "true");
    art.append(use);
    return art;
  };
  $("products").replaceChildren(...page.products.map((product) => element("li", {}, drawn(product.art),
    element("strong", { dir: "auto", textContent: product[language].name }), element("span", { dir: "auto", textContent: product[language].price }),
    element("button", { type: "button", className: "quiet", textContent: say("ask_product"), onclick: () => ask(product[language].ask) }))));
}

function show() {
  document.title = say("title");
  for (const spot of document.querySelectorAll("[data-text]")) spot.textContent = say(spot.dataset.text);
  for (const choice of document.querySelectorAll("[data-language]")) choice.setAttribute("aria-pressed", choice.dataset.language === language);
  showProducts();
  showStories();
  showFaults();
  refreshPhone();
}

async function start() {
  page = await (await fetch("/demo/page")).json();
  page.stories = await (await fetch("/demo/stories")).json();
  for (const choice of document.querySelectorAll("[data-language]")) {
    // The widget takes its language when it is loaded, as on every shop's page.
    choice.onclick = () => { localStorage.setItem("peyk-language", choice.dataset.language); location.reload(); };
  }
  $("again").onclick = () => {
    for (const key of Object.keys(localStorage)) if (key.startsWith(`peyk:${location.origin}:`)) localStorage.removeItem(key);
    location.reload();
  };
  $("mobile").oninput = refreshPhone;
  setInterval(refreshPhone, 2000);
  show();
  if (!window.Peyk) offline(true, "no_widget");
}

if (document.readyState === "complete") start();
else addEventListener("load", start);
