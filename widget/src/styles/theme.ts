/** The shop's colour as a sheet of its own; the values are checked numbers, never text of a page. */
import type { Palette } from '../color';

export function themeSheet({ brand, onBrand, inkLight, inkDark }: Palette): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(
    `.root{--pk-brand:${brand};--pk-on-brand:${onBrand};--pk-ink-light:${inkLight};--pk-ink-dark:${inkDark}}`,
  );
  return sheet;
}
