/**
 * Left-to-right runs in a text, found as `peyk/text/isolate.py` finds them, so that each can stand in a `<bdi dir="ltr">`.
 *
 * After Persian letters the bidirectional algorithm shows `14:00-16:00` as 16:00-14:00 and puts the plus of `+98 912 …`
 * at the wrong end. Marks the server has set for other channels are taken out: elements do their work here, and a
 * copied text has no invisible characters in it.
 */
import { asciiDigits } from './digits';

export interface Part {
  text: string;
  /** A run that keeps its own direction. */
  run: boolean;
}

const MARKS = /[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]/g;
const MARKED = /[\u2066\u2068]([^\u2066-\u2069]*)\u2069/;
const PERSIAN = /[\u0621-\u064a\u066e-\u06d3\u06d5\u06fa-\u06ff\ufb50-\ufdfb\ufe70-\ufefc]/;
const DIGITS = '0-9۰-۹٠-٩';
const LETTERS =
  'A-Za-z\\u00aa\\u00b5\\u00ba\\u00c0-\\u00d6\\u00d8-\\u00f6\\u00f8-\\u02af\\u0370-\\u058f\\u1e00-\\u1fff';
const UNIT = `[${LETTERS}${DIGITS}_][\\u0300-\\u036f\\ufe0f\\u20e3]*`;
const INNER = '[!-/:-@\\[-^`{-~·٫٬×–—]';
const URL_LIKE = '(?:https?://|www\\.)[^\\s«»،؛؟]*[\\w/=&#%+-]';
const PHONE = `(?:\\+|(?<![${DIGITS}])[0۰٠])[(]?[${DIGITS}](?:[ ()-]{0,2}[${DIGITS}]){6,14}(?![${DIGITS}])`;
const GROUPS = `(?<![${DIGITS}])[${DIGITS}]{2,4}(?: [${DIGITS}]{2,4}){2,}(?![${DIGITS}])`;
const SIGNED = '(?:(?<!\\S)[-−~/]|[+#@$€£*])*';
const WORD = `${SIGNED}(?:${UNIT})+(?:${INNER}+(?:${UNIT})+)*[/+#%*]*`;
const PIECE = new RegExp(`${URL_LIKE}|${PHONE}|${GROUPS}|${WORD}`, 'gi');
const LETTER = new RegExp(`[${LETTERS}]`);
const DIGIT = new RegExp(`[${DIGITS}]`);
const GAP = /^[ \t\u00a0]?[!-/:-@[-`{-~×–—]{0,2}[ \t\u00a0]?$/;
const RANGE = /^ ?[-–—×/x] ?$/;
const CLOSING: Record<string, string> = { ')': '(', ']': '[', '}': '{', '>': '<' };

type Span = [start: number, stop: number];

/** Return `text` without marks of direction. */
export function withoutMarks(text: string): string {
  return text.replace(MARKS, '');
}

/** Return what a customer gets on the clipboard: no marks, digits everyone can paste into a form. */
export function forClipboard(text: string): string {
  return asciiDigits(withoutMarks(text)).replace(/\u00a0/g, ' ');
}

export function hasPersian(text: string): boolean {
  return PERSIAN.test(text);
}

/** Return the language a text is clearly written in, for screen readers' pronunciation. */
export function languageOf(text: string): 'fa' | 'en' | undefined {
  if (hasPersian(text)) return 'fa';
  return LETTER.test(text) ? 'en' : undefined;
}

/** Return `text` in parts: what runs with the sentence, and runs that keep their own order from left to right. */
export function split(text: string): Part[] {
  // What the server has marked is one run, whatever it looks like: it knows a masked number from two numbers.
  const parts = text
    .split(MARKED)
    .map((part, place) => (place % 2 ? [{ text: withoutMarks(part), run: true }] : bare(part, text)));
  return parts.flat().filter((part) => part.text);
}

function bare(text: string, whole: string): Part[] {
  const plain = withoutMarks(text);
  const spans = hasPersian(whole) ? runs(plain) : pieces(plain).filter((span) => DIGIT.test(plain.slice(...span)));
  return cut(plain, spans);
}

/** Return the pieces of one run: words, numbers and addresses that no line may break. */
export function words(run: string): Part[] {
  return cut(run, pieces(run));
}

function cut(text: string, spans: Span[]): Part[] {
  const parts: Part[] = [];
  let end = 0;
  for (const [start, stop] of spans) {
    if (start > end) parts.push({ text: text.slice(end, start), run: false });
    parts.push({ text: text.slice(start, stop), run: true });
    end = stop;
  }
  if (end < text.length) parts.push({ text: text.slice(end), run: false });
  return parts;
}

function pieces(text: string): Span[] {
  return Array.from(text.matchAll(PIECE), (match) => [match.index, match.index + match[0].length]);
}

function runs(text: string): Span[] {
  const found: Span[] = [];
  for (const span of pieces(text)) {
    const before = found.at(-1);
    if (before && belong(text, before, span)) before[1] = span[1];
    else found.push(span);
  }
  return found.map((run) => withBracket(text, run));
}

/** Tell one run in two pieces from two: numbers side by side are read one after the other, from the right. */
function belong(text: string, before: Span, after: Span): boolean {
  const gap = text.slice(before[1], after[0]);
  if (LETTER.test(text.slice(...before)) || LETTER.test(text.slice(...after))) return GAP.test(gap);
  return RANGE.test(gap);
}

function withBracket(text: string, [start, stop]: Span): Span {
  const closing = text[stop] ?? '';
  const opening = CLOSING[closing];
  if (!opening) return [start, stop];
  const inside = text.slice(start, stop);
  const open = inside.split(opening).length > inside.split(closing).length;
  return [start, open ? stop + 1 : stop];
}
