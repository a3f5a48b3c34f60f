/** Times as customers read them: Tehran's clock, Jalali or Gregorian. */
import type { Language } from '../wire';

export type Calendar = 'jalali' | 'gregorian';

const ZONE = 'Asia/Tehran';
const formats = new Map<string, Intl.DateTimeFormat>();

function locale(language: Language, calendar: Calendar): string {
  if (language === 'fa') return calendar === 'jalali' ? 'fa-IR-u-ca-persian' : 'fa-IR-u-ca-gregory';
  return calendar === 'jalali' ? 'en-GB-u-ca-persian' : 'en-GB-u-ca-gregory';
}

// A formatter costs a millisecond to build and the log has many times in it.
function format(tag: string, options: Intl.DateTimeFormatOptions): Intl.DateTimeFormat {
  const key = tag + JSON.stringify(options);
  let found = formats.get(key);
  if (!found) formats.set(key, (found = new Intl.DateTimeFormat(tag, { ...options, timeZone: ZONE })));
  return found;
}

function parts(at: Date, tag: string, options: Intl.DateTimeFormatOptions): string {
  return format(tag, options)
    .formatToParts(at)
    .filter((part) => part.type !== 'era')
    .map((part) => part.value)
    .join('')
    .trim();
}

/** Return the time of day («۱۴:۱۰», "14:10"), empty for what is no time. */
export function clock(iso: string, language: Language): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  return parts(at, locale(language, 'gregorian'), { hour: '2-digit', minute: '2-digit', hourCycle: 'h23' });
}

/** Return weekday, day and month («دوشنبه ۲۵ آبان», "Monday 16 November"), with the year when it is another one. */
export function day(iso: string, language: Language, calendar: Calendar, now = new Date()): string {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return '';
  const tag = locale(language, calendar);
  const ofYear = (date: Date): string => parts(date, tag, { year: 'numeric' });
  const year = ofYear(at) === ofYear(now) ? '' : ` ${ofYear(at)}`;
  const part = (options: Intl.DateTimeFormatOptions): string => parts(at, tag, options);
  return `${part({ weekday: 'long' })} ${part({ day: 'numeric' })} ${part({ month: 'long' })}${year}`;
}

/** Return the day in Tehran as a key two times can be compared by. */
export function dayKey(at: Date): string {
  return format('en-CA', { year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}

/** Return how many days from today a time lies: 0 is today, -1 yesterday. */
export function daysFromNow(iso: string, now = new Date()): number {
  const at = new Date(iso);
  if (Number.isNaN(at.getTime())) return Number.NaN;
  return Math.round((Date.parse(dayKey(at)) - Date.parse(dayKey(now))) / 86_400_000);
}
