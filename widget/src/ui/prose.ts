/** A text on the screen: never markup, each number run in its own direction, addresses as links. */
import { html, nothing, type TemplateResult } from 'lit';
import { webAddress } from '../options';
import { languageOf, split, words } from '../text/bidi';

/** Runs up to here fit any bubble on one line; longer ones break between their words. */
const WHOLE = 26;

type Piece = string | TemplateResult;

function whole(text: string): Piece {
  return text.length <= WHOLE ? html`<span class="whole">${text}</span>` : text;
}

function run(text: string, links: boolean): TemplateResult {
  const address =
    links && /^(?:https?:\/\/|www\.)/i.test(text) ? webAddress(text.replace(/^www\./i, 'https://$&'), 'https://x') : '';
  if (address) {
    return html`<bdi dir="ltr" class="long"
      ><a href=${address} target="_blank" rel="noopener noreferrer nofollow">${text}</a></bdi
    >`;
  }
  if (text.length <= WHOLE) return html`<bdi dir="ltr">${text}</bdi>`;
  return html`<bdi dir="ltr" class="long"
    >${words(text).map((part) => (part.run ? whole(part.text) : part.text))}</bdi
  >`;
}

/** Return the pieces of a text; `links` only where the shop speaks. */
export function pieces(text: string, links = false): Piece[] {
  return split(text).map((part) => (part.run ? run(part.text, links) : part.text));
}

/** Return a paragraph whose direction is that of its own words. */
export function prose(text: string, links = false): TemplateResult {
  return html`<p dir="auto" lang=${languageOf(text) ?? nothing}>${pieces(text, links)}</p>`;
}

/** Return an identifier: it reads from left to right wherever it stands. */
export function code(text: string): TemplateResult {
  return html`<bdi dir="ltr">${text}</bdi>`;
}
