/** The shop's wishes, from the `data-` attributes of the script tag. A wrong value is as good as none. */
import type { Calendar } from './text/dates';
import type { Language } from './wire';

export interface Options {
  server: string;
  language: Language;
  side: 'start' | 'end';
  theme: 'auto' | 'light' | 'dark';
  color: string;
  logo: string;
  title: string;
  greeting: string;
  open: boolean;
  sound: boolean;
  badge: boolean;
  calendar: Calendar;
  texts: Record<string, string>;
  page: string;
}

export const USUAL_COLOR = '#0f6b5c';

/** Read the options; `script` is the address of our script, `page` what the page says of itself. */
export function readOptions(
  data: Readonly<Record<string, string | undefined>>,
  script: string,
  page: { lang: string; browser: string },
): Options {
  const language = languageFor(data['language'], page);
  return {
    server: origin(data['server'], script),
    language,
    side: data['side'] === 'start' ? 'start' : 'end',
    theme: data['theme'] === 'light' || data['theme'] === 'dark' ? data['theme'] : 'auto',
    color: /^#[0-9a-f]{6}$/i.test(data['color'] ?? '') ? (data['color'] as string).toLowerCase() : USUAL_COLOR,
    logo: webAddress(data['logo'], script),
    title: data['title']?.trim() ?? '',
    greeting: data['greeting']?.trim() ?? '',
    open: data['open'] !== undefined && data['open'] !== 'false',
    sound: data['sound'] === 'on',
    badge: data['badge'] !== 'off',
    calendar: calendarFor(data['calendar'], language),
    texts: overridden(data['texts']),
    page: (data['page'] ?? '').slice(0, 100),
  };
}

function languageFor(wanted: string | undefined, page: { lang: string; browser: string }): Language {
  if (wanted === 'fa' || wanted === 'en') return wanted;
  const said = (page.lang || page.browser).toLowerCase();
  return said === '' || said.startsWith('fa') ? 'fa' : 'en';
}

function calendarFor(wanted: string | undefined, language: Language): Calendar {
  if (wanted === 'jalali' || wanted === 'gregorian') return wanted;
  return language === 'fa' ? 'jalali' : 'gregorian';
}

function origin(wanted: string | undefined, script: string): string {
  const address = webAddress(wanted || script, script);
  return address ? new URL(address).origin : '';
}

/** Return an address of the web as a whole one, or nothing: `javascript:` and its like have no place here. */
export function webAddress(address: string | null | undefined, base: string): string {
  if (!address) return '';
  try {
    const url = new URL(address, base);
    return url.protocol === 'https:' || url.protocol === 'http:' ? url.href : '';
  } catch {
    return '';
  }
}

function overridden(json: string | undefined): Record<string, string> {
  try {
    const given: unknown = JSON.parse(json ?? '{}');
    if (!given || typeof given !== 'object') return {};
    return Object.fromEntries(Object.entries(given).filter(([, value]) => typeof value === 'string'));
  } catch {
    return {};
  }
}
