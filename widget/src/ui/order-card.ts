/** An order: where it stands, when it comes, what its parcels went through, and what can be done now. */
import { html, nothing, type TemplateResult } from 'lit';
import { webAddress } from '../options';
import { clock, day, daysFromNow } from '../text/dates';
import { inDigits } from '../text/digits';
import { placeOf, STAGES } from '../talk/stages';
import { maybe } from '../texts';
import type { Button, Order, Tracking } from '../wire';
import { icon } from './icons';
import { code, pieces } from './prose';
import type { View } from './view';

/** Return the name of an order's status in the widget's language. */
export function statusName(view: View, order: Order): string {
  const own = maybe(view.say, `status_${order.status}`);
  return view.options.language === 'fa'
    ? order.statusFa || own || order.status
    : own || order.status.replaceAll('_', ' ');
}

/** Return a time in words: "Tomorrow, 14:10". */
export function moment(view: View, iso: string, withTime = true): string {
  const { language, calendar } = view.options;
  const near: Record<number, string> = { 0: view.say('today'), 1: view.say('tomorrow'), [-1]: view.say('yesterday') };
  const name = near[daysFromNow(iso)] ?? day(iso, language, calendar);
  const time = clock(iso, language);
  return withTime && name && time ? view.say('at', { day: name, time }) : name;
}

export function orderCard(view: View, order: Order, actions: readonly Button[]): TemplateResult {
  const { step, tone } = placeOf(order.status);
  const number = view.say('order', { number: order.orderId });
  const parcels = order.parcels?.length ? order.parcels : order.tracking ? [order.tracking] : [];
  return html`<article class="card tone-${tone}" aria-label=${number}>
    <header>
      <h3>${pieces(number)}</h3>
      <span class="status">${statusName(view, order)}</span>
    </header>
    ${step >= 0 ? bar(view, step) : nothing} ${facts(view, order)} ${items(view, order)}
    ${parcels.map((parcel, place) => tracking(view, parcel, parcels.length > 1 ? place + 1 : 0))}
    ${actions.length ? html`<div class="actions">${actions.map((action) => actionButton(view, action))}</div>` : nothing}
  </article>`;
}

function actionButton(view: View, action: Button): TemplateResult {
  const tap = (): void => view.actions.tap(action.payload, action.title);
  return html`<button type="button" class="action" dir="auto" @click=${tap}>${pieces(action.title)}</button>`;
}

function bar(view: View, step: number): TemplateResult {
  const stages = STAGES.map((stage, place) => {
    const state = place < step ? 'done' : place === step ? 'now' : 'ahead';
    return html`<li class=${state} aria-current=${place === step ? 'step' : nothing}>
      <span class="dot">${state === 'done' || place === STAGES.length - 1 ? icon('tick') : nothing}</span>
      <span>${view.say(`stage_${stage}`)}</span><span class="unseen">: ${view.say(`stage_${state}`)}</span>
    </li>`;
  });
  return html`<ol class="bar" aria-label=${view.say('stages')} data-step=${step}>
    ${stages}
  </ol>`;
}

function facts(view: View, order: Order): TemplateResult | typeof nothing {
  const rows: [string, string][] = [];
  if (order.eta) rows.push([view.say('eta'), moment(view, order.eta)]);
  if (order.createdAt) rows.push([view.say('created'), moment(view, order.createdAt, false)]);
  if (order.asOf) rows.push([view.say('as_of'), moment(view, order.asOf)]);
  const shown = rows.filter(([, value]) => value);
  if (!shown.length) return nothing;
  return html`<dl>
    ${shown.map(
      ([name, value]) =>
        html`<div>
          <dt>${name}</dt>
          <dd>${pieces(value)}</dd>
        </div>`,
    )}
  </dl>`;
}

function items(view: View, order: Order): TemplateResult | typeof nothing {
  if (!order.items?.length) return nothing;
  return html`<ul class="items" aria-label=${view.say('items')}>
    ${order.items.map(
      (item) =>
        html`<li>
          <span dir="auto">${pieces(item.title)}</span>
          <span class="quiet"
            >${item.quantity > 1 ? `${view.say('quantity', { count: inDigits(item.quantity, view.options.language) })} · ` : nothing}
            ${item.price ? pieces(item.price) : nothing}</span
          >
        </li>`,
    )}
  </ul>`;
}

function tracking(view: View, parcel: Tracking, number: number): TemplateResult {
  const carrier = maybe(view.say, `carrier_${parcel.carrier}`) || parcel.carrier;
  const address = webAddress(parcel.url, view.options.server);
  return html`<section class="parcel">
    ${number ? html`<h4>${view.say('parcel', { number: inDigits(number, view.options.language) })}</h4>` : nothing}
    <dl>
      <div>
        <dt>${view.say('carrier')}</dt>
        <dd>${carrier}</dd>
      </div>
      <div>
        <dt>${view.say('code')}</dt>
        <dd>${code(parcel.code)}</dd>
      </div>
    </dl>
    ${timeline(view, parcel)}
    ${
      address
        ? html`<a class="track" href=${address} target="_blank" rel="noopener noreferrer"
            >${view.say('track')} ${icon('out')}</a
          >`
        : nothing
    }
  </section>`;
}

function timeline(view: View, parcel: Tracking): TemplateResult | typeof nothing {
  const events = parcel.events?.length
    ? [...parcel.events].sort((one, other) => Date.parse(other.at) - Date.parse(one.at))
    : parcel.lastEvent
      ? [{ at: parcel.asOf ?? '', text: parcel.lastEvent, place: null }]
      : [];
  if (!events.length) return nothing;
  return html`<ol class="events" aria-label=${view.say('events')}>
    ${events.map(
      (event) =>
        html`<li>
          <span dir="auto">${pieces(event.place ? `${event.text} – ${event.place}` : event.text)}</span>
          ${event.at ? html`<time class="quiet" datetime=${event.at}>${pieces(moment(view, event.at))}</time>` : nothing}
        </li>`,
    )}
  </ol>`;
}
