/** Digits of the three scripts our customers use. */

const OTHER = /[۰-۹٠-٩]/g;

/** Return `text` with Persian and Arabic digits as ASCII ones. */
export function asciiDigits(text: string): string {
  return text.replace(OTHER, (digit) => String((digit.codePointAt(0) ?? 0) & 15));
}

/** Return a whole number in the digits of a language, without grouping. */
export function inDigits(value: number, language: string): string {
  const plain = String(value);
  return language === 'fa' ? plain.replace(/\d/g, (digit) => '۰۱۲۳۴۵۶۷۸۹'[Number(digit)] ?? digit) : plain;
}
