/** What the script tag starts: the options are read, the element is put into the page, and one handle is left. */
import { offerFont } from './fonts';
import { handleOf } from './handle';
import { readOptions } from './options';
import { PeykChat } from './ui/chat';

const TAG = 'peyk-chat';

// `currentScript` is gone once we wait for the body, and it is null for a module.
const script =
  (document.currentScript as HTMLScriptElement | null) ??
  document.querySelector<HTMLScriptElement>('script[src*="/widget/peyk.js"]');

function start(): void {
  if (!script || customElements.get(TAG)) return;
  const page = { lang: document.documentElement.lang, browser: navigator.language };
  const options = readOptions(script.dataset, script.src, page);
  customElements.define(TAG, PeykChat);
  offerFont(options.server);
  const chat = document.createElement(TAG) as PeykChat;
  chat.setUp(options);
  document.body.append(chat);
  Object.defineProperty(window, 'Peyk', { value: handleOf(chat), configurable: true });
}

if (document.body) start();
else addEventListener('DOMContentLoaded', start, { once: true });
