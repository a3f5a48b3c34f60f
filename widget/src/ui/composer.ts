/** Where the customer writes: a message, or what was asked for in a field made for it. */
import { html, nothing, type TemplateResult } from 'lit';
import { asciiDigits } from '../text/digits';
import { icon } from './icons';
import type { View } from './view';

export type Field = 'otp' | 'mobile';

export const ACCEPTED = 'image/jpeg,image/png,image/webp,application/pdf';
export const MAX_FILE_BYTES = 5 * 1024 * 1024;
const MAX_CHARS = 2000;
const CODE_DIGITS = 6;

/** Return why a file cannot be sent, undefined when it can; the server looks at its bytes as well. */
export function objection(file: { type: string; size: number }): 'attach_rule' | 'attach_size' | undefined {
  if (!ACCEPTED.split(',').includes(file.type)) return 'attach_rule';
  return file.size > MAX_FILE_BYTES ? 'attach_size' : undefined;
}

/** Return the digits of what stands in a field, as ASCII; a plus at the beginning stays. */
export function fieldValue(raw: string): string {
  return asciiDigits(raw)
    .trim()
    .replace(/(?!^\+)\D/g, '');
}

export function composer(view: View, field: Field | undefined, writing: boolean, draft: string): TemplateResult {
  const entry = field && !writing ? field : undefined;
  const submit = (event: Event): void => {
    event.preventDefault();
    view.actions.submit();
  };
  return html`<form class="composer" autocomplete="off" @submit=${submit}>
    ${
      field
        ? html`<button type="button" class="text switch" @click=${() => view.actions.field(writing)}>
            ${view.say(writing ? 'field_instead' : 'write_instead')}
          </button>`
        : nothing
    }
    ${entry ? fieldRow(view, entry) : textRow(view, draft)}
  </form>`;
}

function textRow(view: View, draft: string): TemplateResult {
  const { say, actions } = view;
  const pasted = (event: ClipboardEvent): void => {
    const files = [...(event.clipboardData?.files ?? [])];
    if (!files.length) return;
    event.preventDefault();
    actions.attach(files);
  };
  const keyed = (event: KeyboardEvent): void => {
    // A half-written word of an input method also ends with Enter.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    actions.submit();
  };
  return html`<div class="row">
    <button
      type="button"
      class="round quiet-button"
      aria-label=${say('attach')}
      title=${say('attach')}
      @click=${actions.pick}
    >
      ${icon('attach')}
    </button>
    <input
      class="unseen picker"
      type="file"
      tabindex="-1"
      aria-hidden="true"
      accept=${ACCEPTED}
      @change=${(event: Event) => picked(view, event)}
    />
    <textarea
      class="write"
      rows="1"
      dir="auto"
      enterkeyhint="send"
      maxlength=${MAX_CHARS}
      aria-label=${say('message')}
      placeholder=${say('placeholder')}
      .value=${draft}
      @input=${actions.typed}
      @keydown=${keyed}
      @paste=${pasted}
    ></textarea>
    <button type="submit" class="round send" aria-label=${say('send')} title=${say('send')}>${icon('send')}</button>
  </div>`;
}

function picked(view: View, event: Event): void {
  const input = event.target as HTMLInputElement;
  view.actions.attach([...(input.files ?? [])]);
  input.value = '';
}

function fieldRow(view: View, field: Field): TemplateResult {
  const { say } = view;
  const otp = field === 'otp';
  return html`<label class="field-label" for="peyk-field">${say(otp ? 'otp' : 'mobile')}</label>
    <div class="row">
      <input
        id="peyk-field"
        class="write ${field}"
        name=${otp ? 'one-time-code' : 'tel'}
        type=${otp ? 'text' : 'tel'}
        dir="ltr"
        inputmode=${otp ? 'numeric' : 'tel'}
        autocomplete=${otp ? 'one-time-code' : 'tel'}
        maxlength=${otp ? CODE_DIGITS : 20}
        enterkeyhint="send"
        aria-describedby="peyk-hint"
        @input=${otp ? (event: InputEvent) => filled(view, event) : nothing}
      />
      <button type="submit" class="round send wide">${say('confirm')}</button>
    </div>
    <p id="peyk-hint" class="hint">${say(otp ? 'otp_hint' : 'mobile_hint')}</p>`;
}

/** A code that came as a whole (from the text message, or pasted) goes at once; a typed one waits for its customer. */
function filled(view: View, event: InputEvent): void {
  const input = event.target as HTMLInputElement;
  const whole = fieldValue(input.value).length === CODE_DIGITS;
  if (whole && event.inputType !== 'insertText' && !event.inputType?.startsWith('delete')) view.actions.submit();
}
