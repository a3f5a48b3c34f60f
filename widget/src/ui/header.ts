/** Title, presence, the customer's settings, and the way out. */
import { html, nothing, type TemplateResult } from 'lit';
import { inDigits } from '../text/digits';
import { icon } from './icons';
import type { View } from './view';

export function header(view: View, settingsOpen: boolean): TemplateResult {
  const { say, options, actions } = view;
  const title = options.title || say('title');
  return html`<header class="head">
    <span class="logo" aria-hidden="true"
      >${options.logo ? html`<img src=${options.logo} alt="" />` : icon('box')}</span
    >
    <div class="who">
      <h2 id="peyk-title" dir="auto">${title}</h2>
      <p dir="auto">${presence(view)}</p>
    </div>
    <button
      type="button"
      class="round gear"
      aria-label=${say('settings')}
      title=${say('settings')}
      aria-expanded=${settingsOpen}
      aria-controls="peyk-settings"
      @click=${() => actions.settings(!settingsOpen)}
    >
      ${icon('settings')}
    </button>
    <button type="button" class="round" aria-label=${say('close')} title=${say('close')} @click=${actions.close}>
      ${icon('close')}
    </button>
  </header>`;
}

/** Return who is there for the customer now. */
function presence({ say, session, options }: View): string {
  const { owner, agentName, place } = session.talk;
  if (owner === 'agent') return say('with_agent', { name: agentName || say('agent') });
  if (owner !== 'queue') return say('subtitle');
  return place ? say('waiting_place', { place: inDigits(place, options.language) }) : say('waiting');
}

export function settings(view: View): TemplateResult {
  const { say, choices, actions } = view;
  const toggle = (name: 'sound' | 'badge'): TemplateResult =>
    html`<button
      type="button"
      class="toggle"
      role="switch"
      aria-checked=${choices[name]}
      @click=${() => actions.choose({ ...choices, [name]: !choices[name] })}
    >
      <span>${say(name)}</span><span class="knob"></span>
    </button>`;
  return html`<div id="peyk-settings" class="settings" role="group" aria-label=${say('settings')}>
    ${toggle('sound')} ${toggle('badge')}
    <div class="sizes" role="group" aria-label=${say('text_size')}>
      <span>${say('text_size')}</span>
      ${([0, 1, 2] as const).map(
        (size) =>
          html`<button
            type="button"
            class="size size-${size}"
            aria-pressed=${choices.size === size}
            aria-label=${say(`size_${size}`)}
            title=${say(`size_${size}`)}
            @click=${() => actions.choose({ ...choices, size })}
          >
            ${view.options.language === 'fa' ? 'آ' : 'A'}
          </button>`,
      )}
    </div>
  </div>`;
}

export function launcher(view: View, unread: number, open: () => void): TemplateResult {
  const { say, options, choices } = view;
  const count = inDigits(Math.min(unread, 99), options.language);
  const shown = unread > 0 && choices.badge;
  const label = shown ? say('open_unread', { count }) : say('open');
  return html`<button type="button" class="launcher" aria-label=${label} aria-haspopup="dialog" @click=${open}>
    ${icon('chat')}${shown ? html`<span class="badge" aria-hidden="true">${count}</span>` : nothing}
  </button>`;
}
