/** Messages in the log: bubbles, files, buttons, stars, ticks. */
import { html, nothing, type TemplateResult } from 'lit';
import { ratingOf } from '../talk/rating';
import type { Unsent } from '../talk/talk';
import { asciiDigits, inDigits } from '../text/digits';
import { clock } from '../text/dates';
import type { TextKey } from '../texts';
import type { Button, Entry, FileFact, Order } from '../wire';
import { files } from './files';
import { icon, type IconName } from './icons';
import { orderCard } from './order-card';
import { pieces, prose } from './prose';
import type { View } from './view';

/** How an entry stands among the others. */
export interface Standing {
  /** The first of several by one author: only it says who speaks. */
  first: boolean;
  /** Nothing of the customer came after it: its quick replies still make sense. */
  open: boolean;
  /** The newest state of its order, when it moved. */
  order: Order | undefined;
  /** The title of the tapped rating, when this entry asked for one. */
  rated: string | undefined;
}

type Tick = 'waiting' | 'kept' | 'seen' | 'failed';
const TICKS: Record<Tick, IconName> = { waiting: 'clock', kept: 'tick', seen: 'ticks', failed: 'warning' };

/** Return who speaks, in words. */
export function nameOf(view: View, entry: Entry): string {
  if (entry.author === 'customer') return view.say('you');
  if (entry.author === 'agent') return entry.agent_name || view.session.talk.agentName || view.say('agent');
  return entry.author === 'bot' ? view.say('bot') : view.say('system');
}

export function entryBubble(view: View, entry: Entry, standing: Standing): TemplateResult {
  if (entry.author === 'customer') {
    const seen = entry.seq <= view.session.talk.seen;
    return own(view, entry.text, entry.files, entry.at, seen ? 'seen' : 'kept', { seq: entry.seq });
  }
  const order = entry.custom?.order;
  const stars = ratingOf(entry);
  const inCard = order ? (entry.custom?.nextActions ?? []).flatMap(tappable) : [];
  const taken = new Set([...inCard, ...(stars ?? [])].map((button) => button.payload));
  const replies = (entry.buttons ?? []).filter((button) => !taken.has(button.payload));
  const empty = !entry.text && !entry.files?.length && !order && !entry.buttons?.length;
  return html`<div class="message theirs ${entry.author}" data-seq=${entry.seq}>
    ${
      standing.first && entry.author !== 'system'
        ? html`<span class="name"><bdi>${nameOf(view, entry)}</bdi></span>`
        : html`<span class="unseen"><bdi>${nameOf(view, entry)}</bdi>: </span>`
    }
    ${
      entry.text || entry.files?.length || empty
        ? html`<div class="bubble ${empty ? 'gone' : ''}">
            ${empty ? prose(view.say('hidden')) : nothing} ${entry.text ? prose(entry.text, true) : nothing}
            ${entry.files?.length ? files(view, entry.files, entry.seq) : nothing} ${stamp(view, entry.at)}
          </div>`
        : nothing
    }
    ${order ? orderCard(view, { ...order, ...standing.order }, inCard) : nothing}
    ${stars ? starRow(view, stars, standing) : nothing}
    ${standing.open && replies.length ? quickReplies(view, replies) : nothing}
  </div>`;
}

export function unsentBubble(view: View, message: Unsent): TemplateResult {
  const tick: Tick = message.failed === undefined ? 'waiting' : 'failed';
  const upload = message.upload ? [{ id: '', ...message.upload }] : undefined;
  return own(view, message.text ?? message.title, message.files ?? upload, message.at, tick, { unsent: message });
}

/** Return a bubble of the shop that stands in no journal: the greeting. */
export function greeting(view: View): TemplateResult {
  const suggestions = (['suggest_1', 'suggest_2', 'suggest_3'] as const).map((key) => view.say(key)).filter(Boolean);
  return html`<div class="message theirs bot">
    <span class="name">${view.say('bot')}</span>
    <div class="bubble">${prose(view.options.greeting || view.say('greeting'), true)}</div>
    ${
      suggestions.length
        ? html`<div class="replies" role="group" aria-label=${view.say('suggestions')}>
            ${suggestions.map((text) => reply(text, () => view.actions.suggest(text)))}
          </div>`
        : nothing
    }
  </div>`;
}

function own(
  view: View,
  text: string | undefined,
  sent: FileFact[] | undefined,
  at: string,
  tick: Tick,
  { seq, unsent }: { seq?: number; unsent?: Unsent },
): TemplateResult {
  const failed = unsent?.failed;
  return html`<div class="message mine ${tick}">
    <span class="unseen">${view.say('you')}: </span>
    <div class="bubble">
      ${text ? prose(text) : nothing} ${sent?.length ? files(view, sent, seq) : nothing} ${stamp(view, at, tick)}
    </div>
    ${unsent && failed !== undefined ? failure(view, unsent.id, failed) : nothing}
  </div>`;
}

function failure(view: View, id: string, reason: string): TemplateResult {
  return html`<div class="failure">
    ${prose(reason || view.say('sent_failed'))}
    <div>
      <button type="button" class="text" @click=${() => view.actions.retry(id)}>${view.say('retry')}</button>
      <button type="button" class="text" @click=${() => view.actions.giveUp(id)}>${view.say('give_up')}</button>
    </div>
  </div>`;
}

function stamp(view: View, at: string, tick?: Tick): TemplateResult {
  const label = tick ? view.say(`sent_${tick}` as TextKey) : '';
  return html`<span class="stamp"
    ><time datetime=${at}>${clock(at, view.options.language)}</time>${
      tick
        ? html`<span class="tick ${tick}" role="img" aria-label=${label} title=${label}>${icon(TICKS[tick])}</span>`
        : nothing
    }</span
  >`;
}

function tappable(action: { title: string; payload?: string }): Button[] {
  return action.payload ? [{ title: action.title, payload: action.payload }] : [];
}

function quickReplies(view: View, buttons: readonly Button[]): TemplateResult {
  return html`<div class="replies" role="group" aria-label=${view.say('replies')}>
    ${buttons.map((button) => reply(button.title, () => view.actions.tap(button.payload, button.title)))}
  </div>`;
}

function reply(title: string, tapped: () => void): TemplateResult {
  return html`<button type="button" class="reply" dir="auto" @click=${tapped}>${pieces(title)}</button>`;
}

function starRow(view: View, stars: readonly Button[], standing: Standing): TemplateResult | typeof nothing {
  const { language } = view.options;
  const given = standing.rated ? Number(/\d+/.exec(asciiDigits(standing.rated))?.[0] ?? 0) : 0;
  if (!standing.open) {
    if (!given) return nothing;
    const label = view.say('rating_given', { stars: inDigits(given, language) });
    return html`<div class="stars given" role="img" aria-label=${label}>
      ${stars.map((_, place) => html`<span class=${place < given ? 'on' : ''}>${icon('star')}</span>`)}
    </div>`;
  }
  return html`<div class="stars" role="group" aria-label=${view.say('rating')}>
    ${stars.map((star, place) => {
      const label = view.say('star', { stars: inDigits(place + 1, language) });
      const tap = (): void => view.actions.tap(star.payload, star.title);
      return html`<button type="button" aria-label=${label} title=${label} @click=${tap}>${icon('star')}</button>`;
    })}
  </div>`;
}
