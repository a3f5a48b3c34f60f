/** The widget's own words. Both languages have the same keys; a shop may put its own in their place. */
import en from './locales/en.json';
import fa from './locales/fa.json';
import type { Language } from './wire';

export type TextKey = keyof typeof fa;
export type Say = (key: TextKey, values?: Record<string, string>) => string;

const TEXTS: Record<Language, Record<TextKey, string>> = { fa, en };

/** Return what says the words of a language, with a shop's own words before ours. */
export function sayer(language: Language, own: Record<string, string>): Say {
  return (key, values = {}) => {
    const words = own[key] ?? TEXTS[language][key];
    return words.replace(/\{(\w+)\}/g, (whole, name: string) => values[name] ?? whole);
  };
}

/** Return the words for a key made of data, empty when there are none. */
export function maybe(say: Say, key: string): string {
  return key in fa ? say(key as TextKey) : '';
}
