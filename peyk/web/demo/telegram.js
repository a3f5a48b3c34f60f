"use strict";
// The second telephone: what the demo's Telegram keeps, shown as its app would. The API's texts come as runs with the names of their tags; every
// word of them becomes a text node, so nothing anybody writes can be more than words here.
(() => {
  const $ = (id) => document.getElementById(id);
  const CHAT = "peyk-telegram-chat";
  const EVERY_MS = 1000;
  // A request's body may be 64 kB; Telegram's app makes photos small, too.
  const PHOTO_BYTES = 60_000;
  const SIDES = [1280, 960, 640, 480, 320, 160];
  const TAGS = { b: "strong", strong: "strong", i: "em", em: "em", u: "u", s: "s", code: "code", pre: "pre", blockquote: "blockquote" };
  const language = document.documentElement.lang === "en" ? "en" : "fa";
  const shown = new Map();
  let texts;
  let mobiles = [];
  let keyboard = "";
  let asked = 0;
  let waiting = 0;

  const say = (key) => texts[key][language];

  function element(name, properties, ...children) {
    const made = Object.assign(document.createElement(name), properties);
    made.append(...children);
    return made;
  }

  function chat(anew = false) {
    let number = anew ? 0 : Number(localStorage.getItem(CHAT));
    if (!Number.isSafeInteger(number) || number < 1) {
      number = crypto.getRandomValues(new Uint32Array(1))[0] + 1;
      localStorage.setItem(CHAT, number);
    }
    return number;
  }

  function status(words) {
    if ($("tg_status").textContent !== words) $("tg_status").textContent = words;
  }

  async function call(path = "", request = {}) {
    const mine = ++asked;
    waiting += 1;
    try {
      const response = await fetch(`/demo/telegram/chats/${chat()}${path}`, request);
      if (!response.ok) { status(say("tg_failed")); return false; }
      const state = await response.json();
      // An older picture may arrive after a newer one.
      if (mine === asked) show(state);
      return true;
    } catch {
      status(say("offline"));
      return false;
    } finally {
      waiting -= 1;
    }
  }

  const post = (path, body) => call(path, { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ ...body, language }) });

  function run({ text, marks, url }) {
    let made = document.createTextNode(text);
    if (url) made = element("a", { href: url, target: "_blank", rel: "noopener noreferrer" }, made);
    for (const mark of [...marks].reverse()) if (TAGS[mark]) made = element(TAGS[mark], {}, made);
    return made;
  }

  function press(button, message) {
    if (button.getAttribute("aria-disabled") === "true") return;
    for (const other of button.closest(".message").querySelectorAll(".keys button")) other.setAttribute("aria-disabled", "true");
    post("/taps", { message, data: button.dataset.token });
  }

  function inside(entry) {
    if (entry.photo) return [element("img", { src: `/demo/telegram/files/${entry.photo}`, alt: say("tg_image") })];
    if (entry.file) return [element("a", { href: `/demo/telegram/files/${entry.file.id}`, download: entry.file.name, textContent: entry.file.name })];
    if (entry.contact) {
      const [before, after] = say("tg_contact").split("{mobile}");
      return [before, element("bdi", { dir: "ltr", textContent: entry.contact }), after];
    }
    return entry.runs.map(run);
  }

  function message(entry) {
    const bubble = element("div", { className: "bubble", dir: "auto" }, ...inside(entry));
    const rows = entry.rows.map((row) => element("div", { className: "keys" }, ...row.map(({ text, callback_data: token }) => {
      const button = element("button", { type: "button", dir: "auto", textContent: text, onclick: () => press(button, entry.id) });
      button.dataset.token = token;
      return button;
    })));
    const who = element("span", { className: "who", textContent: say(entry.mine ? "tg_you" : "tg_bot") });
    return element("div", { className: entry.mine ? "message mine" : "message" }, who, bubble, ...rows);
  }

  function showEntries(entries) {
    const log = $("tg_log");
    const kept = new Set(entries.map(({ id }) => id));
    for (const [id, { node }] of shown) if (!kept.has(id)) { node.remove(); shown.delete(id); }
    let news = false;
    for (const entry of entries) {
      const now = JSON.stringify(entry);
      const before = shown.get(entry.id);
      if (before?.now === now) continue;
      const node = message(entry);
      if (before) before.node.replaceWith(node);
      else { log.append(node); news = true; }
      shown.set(entry.id, { now, node });
    }
    if (!news) return;
    $("tg_start")?.remove();
    // Whoever was not answered may press again.
    if (!entries.at(-1).mine) for (const button of log.querySelectorAll("[aria-disabled]")) button.removeAttribute("aria-disabled");
    log.scrollTop = log.scrollHeight;
  }

  function showStart(empty) {
    if (!empty || $("tg_start")) return;
    $("tg_log").append(element("button", { type: "button", id: "tg_start", textContent: say("tg_start"), onclick: () => post("/messages", { text: "/start" }) }));
  }

  function choose() {
    const list = element("select", { id: "tg_mobile" }, ...mobiles.map((mobile) => element("option", { value: mobile, textContent: mobile })));
    const typed = $("mobile")?.value;
    if (mobiles.includes(typed)) list.value = typed;
    const label = element("label", { htmlFor: "tg_mobile", textContent: say("tg_whose") });
    const share = element("button", { type: "button", textContent: say("tg_share"), onclick: () => post("/contacts", { mobile: list.value }) });
    const cancel = element("button", { type: "button", className: "quiet", textContent: say("tg_cancel"), onclick: () => { showKeyboard(JSON.parse(keyboard), true); focus(); } });
    $("tg_keyboard").onkeydown = (event) => { if (event.key === "Escape") cancel.click(); };
    $("tg_keyboard").replaceChildren(label, list, share, cancel);
    list.focus();
  }

  function showKeyboard(rows, again = false) {
    const now = JSON.stringify(rows);
    if (now === keyboard && !again) return;
    keyboard = now;
    $("tg_keyboard").onkeydown = null;
    $("tg_keyboard").replaceChildren(...rows.map((row) => element("div", { className: "keys" }, ...row.map((key) => element("button", { type: "button", dir: "auto",
      textContent: key.text, onclick: () => (key.request_contact ? choose() : post("/messages", { text: key.text })) })))));
  }

  const focus = () => ($("tg_keyboard").querySelector("button") || $("tg_text")).focus();

  function show(state) {
    const here = $("telegram").contains(document.activeElement);
    showEntries(state.entries);
    showStart(state.entries.length === 0);
    showKeyboard(state.keyboard);
    status(state.typing ? say("tg_typing") : "");
    // A button that is gone after its use leaves its focus to the letters.
    if (here && !$("telegram").contains(document.activeElement)) $("tg_text").focus();
  }

  async function smaller(file) {
    const picture = await createImageBitmap(file);
    const canvas = document.createElement("canvas");
    for (const side of SIDES) {
      const scale = Math.min(1, side / Math.max(picture.width, picture.height));
      canvas.width = Math.max(1, Math.round(picture.width * scale));
      canvas.height = Math.max(1, Math.round(picture.height * scale));
      const pen = canvas.getContext("2d");
      pen.fillStyle = "#fff";
      pen.fillRect(0, 0, canvas.width, canvas.height);
      pen.drawImage(picture, 0, 0, canvas.width, canvas.height);
      const photo = await new Promise((done) => { canvas.toBlob(done, "image/jpeg", 0.8); });
      if (photo && photo.size <= PHOTO_BYTES) return photo;
    }
    throw new Error("too large");
  }

  async function sendPhoto(field) {
    const [file] = field.files;
    if (!file) return;
    let photo;
    try {
      photo = await smaller(file);
    } catch {
      status(say("tg_no_photo"));
    }
    field.value = "";
    if (photo) await call("/photos", { method: "POST", headers: { "Content-Type": "image/jpeg" }, body: photo });
  }

  async function sendText(event) {
    event.preventDefault();
    const text = $("tg_text").value.trim();
    if (!text) return;
    $("tg_text").value = "";
    // What was not sent is not lost either.
    if (!await post("/messages", { text })) $("tg_text").value ||= text;
  }

  function startOver() {
    chat(true);
    shown.clear();
    $("tg_log").replaceChildren();
    showKeyboard([]);
    $("tg_text").focus();
    call();
  }

  async function start() {
    const page = await (await fetch("/demo/page")).json();
    if (!page.telegram) return;
    texts = page.texts;
    const stories = await (await fetch("/demo/stories")).json();
    mobiles = [...new Set(stories.map(({ mobile }) => mobile).filter(Boolean))];
    $("telegram").hidden = false;
    document.querySelector("main").classList.add("telegrams");
    $("tg_form").onsubmit = sendText;
    $("tg_file").onchange = () => sendPhoto($("tg_file"));
    $("tg_again").onclick = startOver;
    setInterval(() => { if (!document.hidden && !waiting) call(); }, EVERY_MS);
    call();
  }

  start();
})();
