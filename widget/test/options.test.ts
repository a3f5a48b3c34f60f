import { describe, expect, it } from 'vitest';
import { contrast, palette } from '../src/color';
import en from '../src/locales/en.json';
import fa from '../src/locales/fa.json';
import { readOptions } from '../src/options';
import { placeOf } from '../src/talk/stages';
import { ratingOf } from '../src/talk/rating';
import { sayer } from '../src/texts';
import { fieldValue, objection } from '../src/ui/composer';

const SCRIPT = 'https://chat.shop.ir/widget/peyk.js';
const read = (data: Record<string, string>, lang = 'fa') => readOptions(data, SCRIPT, { lang, browser: 'en-US' });

describe('options', () => {
  it('have defaults a shop can live with', () => {
    expect(read({})).toMatchObject({ server: 'https://chat.shop.ir', language: 'fa', side: 'end', calendar: 'jalali', sound: false, badge: true }); // prettier-ignore
  });

  it('follow the page’s language when asked to', () => {
    expect(read({ language: 'auto' }, 'en-GB').language).toBe('en');
    expect(read({ language: 'auto' }, 'fa-IR').language).toBe('fa');
    expect(read({}, '').language).toBe('en');
  });

  it.each(['red', '#12', 'url(x)', '#12345g', '}*{color:red'])('take no colour but a colour: %s', (color) => {
    expect(read({ color }).color).toBe('#0f6b5c');
  });

  it.each(['javascript:alert(1)', 'data:text/html,x', 'http://'])('take no address but one of the web: %s', (logo) => {
    expect(read({ logo }).logo).toBe('');
  });

  it('take another server and other words', () => {
    const options = read({ server: 'https://peyk.shop.ir/x', texts: '{"title":"پیک","send":3}' });
    expect(options.server).toBe('https://peyk.shop.ir');
    expect(options.texts).toEqual({ title: 'پیک' });
    expect(read({ texts: 'nonsense' }).texts).toEqual({});
  });
});

describe('words', () => {
  it('are the same keys and values in both languages', () => {
    const names = (text: string): string[] => (text.match(/\{\w+\}/g) ?? []).sort();
    expect(Object.keys(fa)).toEqual(Object.keys(en));
    for (const key of Object.keys(fa) as (keyof typeof fa)[]) expect(names(fa[key]), key).toEqual(names(en[key]));
  });

  it('are in Persian letters, not Arabic ones', () => {
    for (const words of Object.values(fa)) expect(words).not.toMatch(/[يكة]/);
  });

  it('of a shop come before ours', () => {
    expect(sayer('en', { star: '{stars}!' })('star', { stars: '3' })).toBe('3!');
  });
});

it.each(['#0f6b5c', '#ffd400', '#ffffff', '#000000', '#e91e63', '#777777'])(
  'a shop’s colour is readable: %s',
  (color) => {
    const { brand, onBrand, inkLight, inkDark } = palette(color);
    expect(contrast(brand, onBrand)).toBeGreaterThanOrEqual(4.5);
    expect(contrast(inkLight, '#ffffff')).toBeGreaterThanOrEqual(4.5);
    expect(contrast(inkDark, '#1b2021')).toBeGreaterThanOrEqual(4.5);
  },
);

it('five numbered buttons are stars', () => {
  const buttons = ['۱ ستاره', '۲ ستاره', '۳ ستاره', '۴ ستاره', '۵ ستاره'].map((title) => ({ title, payload: title }));
  expect(ratingOf({ seq: 1, author: 'bot', at: '', buttons })).toHaveLength(5);
  expect(ratingOf({ seq: 1, author: 'bot', at: '', buttons: buttons.toReversed() })).toBeUndefined();
});

it('an unknown status has a name and no place on the bar', () => expect(placeOf('teleported').step).toBe(-1));

it('a code in any digits is digits', () => {
  expect(fieldValue('۱۲۳ ۴۵۶')).toBe('123456');
  expect(fieldValue('+98 (912) 345-6789')).toBe('+989123456789');
});

it('says before the upload what the server would refuse', () => {
  expect(objection({ type: 'image/png', size: 10 })).toBeUndefined();
  expect(objection({ type: 'image/svg+xml', size: 10 })).toBe('attach_rule');
  expect(objection({ type: 'application/pdf', size: 5 * 1024 * 1024 + 1 })).toBe('attach_size');
});
