/** The conversation from the first day to the last message. */
import { html, nothing, type TemplateResult } from 'lit';
import { repeat } from 'lit/directives/repeat.js';
import { inOrder, shownUnsent } from '../talk/talk';
import { dayKey } from '../text/dates';
import type { Custom, Entry } from '../wire';
import { entryBubble, greeting, unsentBubble } from './bubbles';
import { moment } from './order-card';
import type { View } from './view';

interface Item {
  key: string;
  content: TemplateResult;
}

/** Return what the shop asks for right now, if the customer has not answered since. */
export function asked(view: View): Custom['input'] {
  if (view.session.talk.unsent.length) return undefined;
  let input: Custom['input'];
  for (const entry of inOrder(view.session.talk)) {
    if (entry.author === 'customer') input = undefined;
    else if (entry.author !== 'system') input = entry.custom?.input;
  }
  return input;
}

export function log(view: View): TemplateResult {
  const items = [...entries(view), ...shownUnsent(view.session.talk).map((message) => unsentItem(view, message.id))];
  return html`${items.length ? nothing : greeting(view)}
  ${repeat(
    items,
    (item) => item.key,
    (item) => item.content,
  )}`;
}

function unsentItem(view: View, id: string): Item {
  const message = view.session.talk.unsent.find((each) => each.id === id);
  return { key: id, content: message ? unsentBubble(view, message) : html`` };
}

function entries(view: View): Item[] {
  const { talk } = view.session;
  const all = inOrder(talk);
  const waiting = talk.unsent.some((message) => message.failed === undefined);
  const lastOwn = waiting
    ? Infinity
    : Math.max(0, ...all.filter((each) => each.author === 'customer').map((each) => each.seq));
  const newestCard = new Map<string, number>();
  for (const { seq, custom } of all) if (custom?.order) newestCard.set(custom.order.orderId, seq);
  const items: Item[] = [];
  let before: Entry | undefined;
  all.forEach((entry, place) => {
    const today = dayOf(entry);
    if (today !== dayOf(before)) {
      const label = html`<div class="day"><span>${moment(view, entry.at, false)}</span></div>`;
      items.push({ key: `d${today}`, content: label });
    }
    const number = entry.custom?.order?.orderId;
    const live = number !== undefined && newestCard.get(number) === entry.seq ? talk.orders.get(number) : undefined;
    const answer = all.slice(place + 1).find((each) => each.author === 'customer');
    const standing = {
      first: before?.author !== entry.author || before.agent_name !== entry.agent_name,
      open: entry.seq > lastOwn,
      order: live,
      rated: answer?.text,
    };
    const key = entry.author === 'customer' ? (talk.ids.get(entry.seq) ?? `s${entry.seq}`) : `s${entry.seq}`;
    items.push({ key, content: entryBubble(view, entry, standing) });
    before = entry;
  });
  return items;
}

function dayOf(entry: Entry | undefined): string {
  const at = new Date(entry?.at ?? '');
  return Number.isNaN(at.getTime()) ? '' : dayKey(at);
}
