import { describe, expect, it } from 'vitest';
import { forClipboard, languageOf, split, words } from '../src/text/bidi';

const runs = (text: string): string[] =>
  split(text)
    .filter((part) => part.run)
    .map((part) => part.text);

describe('runs that keep their own order', () => {
  it.each([
    ['بین 14:00-16:00 می‌رسد', ['14:00-16:00']],
    ['تلفن: +98 912 345 6789', ['+98 912 345 6789']],
    ['سفارش TS-104233 کجاست؟', ['TS-104233']],
    ['کارت 6037 9911 2233 4455 است', ['6037 9911 2233 4455']],
    ['گوشی iPhone 15 Pro Max رسید', ['iPhone 15 Pro Max']],
    ['ساعت ۱۴:۰۰ تا ۱۶:۰۰', ['۱۴:۰۰', '۱۶:۰۰']],
    ['از 10 - 12 آذر', ['10 - 12']],
    ['ببینید https://example.com/a?b=1، ممنون', ['https://example.com/a?b=1']],
    ['14:00-16:00', ['14:00-16:00']],
    ['call +98 912 345 6789 now', ['+98 912 345 6789']],
    ['no numbers here', []],
  ])('%s', (text, expected) => expect(runs(text)).toEqual(expected));

  it('takes what the server marked as one run, and the marks out', () => {
    const parts = split('کد به \u2066+98 912 *** 6789\u2069 پیامک شد');
    expect(parts).toEqual([
      { text: 'کد به ', run: false },
      { text: '+98 912 *** 6789', run: true },
      { text: ' پیامک شد', run: false },
    ]);
  });

  it('loses and invents nothing', () => {
    const text = 'سلام (TS-104233) 14:00-16:00، «A21» <b>x</b> 😀 +98 912 345 6789';
    const joined = split(text)
      .map((part) => part.text)
      .join('');
    expect(joined).toBe(text);
    expect(split(text).map(({ text: part }) => words(part)).flat().map((part) => part.text).join('')).toBe(text); // prettier-ignore
  });
});

describe('the clipboard', () => {
  it('has no marks, and digits every form takes', () => {
    expect(forClipboard('\u2066TS-104233\u2069 \u200f۱۴:۰۰\u00a0است')).toBe('TS-104233 14:00 است');
  });

  it('keeps the joiner of Persian words', () => expect(forClipboard('می‌رسد')).toBe('می‌رسد'));
});

it('knows the language of clear texts', () => {
  expect(languageOf('سلام')).toBe('fa');
  expect(languageOf('hello')).toBe('en');
  expect(languageOf('14:00')).toBeUndefined();
});
