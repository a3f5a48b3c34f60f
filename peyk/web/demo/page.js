"use strict";
const $ = (id) => document.getElementById(id);
// Order numbers, tracking codes and phone numbers keep their direction inside a sentence of the other one.
const IDENTIFIER = /([A-Z]{2,4}-\d{4,}|[A-Z]{2}\d{9}[A-Z]{2}|\+?\d+\*+\d+|\+?\d[\d-]{8,}\d|https?:\/\/\S+)/;
let page;
let language = localStorage.getItem("peyk-language") || "fa";
let sender = sessionStorage.getItem("peyk-sender") || newId();
let seen = "";
let broken = {};
let waiting = 0;

function newId() {
  return Array.from(crypto.getRandomValues(new Uint8Array(12)), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

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

function offline(now) {
  const words = now ? say("offline") : "";
  if ($("offline").textContent !== words) $("offline").textContent = words;
}

function offer(title, onclick) {
  return element("button", { type: "button", dir: "auto", lang: languageOf(title), textContent: title, onclick });
}

function bubble(who, text, offers = []) {
  // Outside the paragraph: the name must not decide in which direction the sentence runs.
  const item = element("div", { className: who }, element("span", { className: "who", textContent: `${say(who)}: ` }),
    element("p", { dir: "auto", lang: languageOf(text) }, ...withIdentifiers(text)));
  if (offers.length) item.append(element("div", { className: "offers" }, ...offers));
  $("log").append(item);
  item.scrollIntoView({ block: "nearest" });
  return item;
}

function send(message, shown = message) {
  bubble("you", shown);
  return deliver({ sender, message, message_id: newId() });
}

async function deliver(body) {
  $("log").setAttribute("aria-busy", ++waiting > 0);
  try {
    const response = await fetch("/webhooks/rest/webhook", { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify(body) });
    const answers = await response.json();
    if (body.sender !== sender) return; // a new conversation has begun meanwhile
    for (const answer of answers) {
      const offers = (answer.buttons || []).map((button) => offer(button.title, () => send(button.payload || button.title, button.title)));
      if (answer.text) bubble("bot", answer.text, offers).classList.toggle("failed", !response.ok);
    }
  } catch {
    if (body.sender === sender) offerAgain(body);
  } finally {
    $("log").setAttribute("aria-busy", --waiting > 0);
    refreshPhone();
  }
}

function offerAgain(body) {
  // The same message_id: should the first one have arrived after all, it is not taken twice.
  const again = offer(say("retry"), () => { failed.remove(); $("message").focus(); deliver(body); });
  const failed = bubble("bot", say("failed"), [again]);
  failed.classList.add("failed");
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
    onclick: () => { if (story.mobile) $("mobile").value = story.mobile; send(story[key].ask); $("message").focus(); } }, ...withIdentifiers(story[key].ask));
  $("stories").replaceChildren(...page.stories.map((story) => element("tr", {},
    element("td", {}, element("bdi", { textContent: story.order })), element("td", {}, element("bdi", { dir: "ltr", textContent: story.mobile })),
    element("td", { dir: "auto", textContent: story[language].story }), element("td", {}, asks(story, language), " ", asks(story, other)))));
}

function show() {
  document.documentElement.lang = language;
  document.documentElement.dir = language === "fa" ? "rtl" : "ltr";
  document.title = say("title");
  for (const spot of document.querySelectorAll("[data-text]")) spot.textContent = say(spot.dataset.text);
  for (const choice of document.querySelectorAll("[data-language]")) choice.setAttribute("aria-pressed", choice.dataset.language === language);
  showStories();
  showFaults();
  refreshPhone();
}

async function start() {
  page = await (await fetch("/demo/page")).json();
  page.stories = await (await fetch("/demo/stories")).json();
  sessionStorage.setItem("peyk-sender", sender);
  for (const choice of document.querySelectorAll("[data-language]")) {
    choice.onclick = () => { language = choice.dataset.language; localStorage.setItem("peyk-language", language); show(); };
  }
  $("say").onsubmit = (event) => {
    event.preventDefault();
    const message = $("message").value.trim();
    $("message").value = "";
    $("message").focus();
    if (message) send(message);
  };
  $("again").onclick = () => { sender = newId(); sessionStorage.setItem("peyk-sender", sender); $("log").replaceChildren(); $("message").focus(); };
  $("mobile").oninput = refreshPhone;
  setInterval(refreshPhone, 2000);
  show();
}

start();
