import { expect, it } from 'vitest';
import { clock, day, daysFromNow } from '../src/text/dates';

const AT = '2026-11-16T10:40:00+00:00';
const NOW = new Date('2026-11-22T06:00:00Z');

it('tells Tehran’s time in the language’s digits', () => {
  expect(clock(AT, 'fa')).toBe('۱۴:۱۰');
  expect(clock(AT, 'en')).toBe('14:10');
  expect(clock('2026-11-16T20:30:00Z', 'en')).toBe('00:00');
});

it('names a day in either calendar', () => {
  expect(day(AT, 'fa', 'jalali', NOW)).toBe('دوشنبه ۲۵ آبان');
  expect(day(AT, 'en', 'gregorian', NOW)).toBe('Monday 16 November');
  expect(day(AT, 'fa', 'gregorian', NOW)).toContain('نوامبر');
  expect(day(AT, 'en', 'jalali', NOW)).toBe('Monday 25 Aban');
});

it('says the year of another year only', () => {
  expect(day('2025-01-01T08:00:00Z', 'en', 'gregorian', NOW)).toContain('2025');
  expect(day('2025-01-01T08:00:00Z', 'fa', 'jalali', NOW)).toContain('۱۴۰۳');
});

it('counts days by the midnights of Tehran', () => {
  expect(daysFromNow('2026-11-22T20:29:00Z', NOW)).toBe(0);
  expect(daysFromNow('2026-11-22T20:31:00Z', NOW)).toBe(1);
  expect(daysFromNow('2026-11-21T20:29:00Z', NOW)).toBe(-1);
});

it('says nothing of what is no time', () => {
  expect(clock('', 'fa')).toBe('');
  expect(day('soon', 'fa', 'jalali')).toBe('');
  expect(daysFromNow('soon')).toBeNaN();
});
