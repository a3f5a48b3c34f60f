/**
 * Vazirmatn, fetched by the browser when the first Persian glyph is drawn and not before.
 *
 * A face made here needs no style sheet, so no page's `style-src` can forbid it; where `font-src` does, the system's
 * Persian font takes its place.
 */

export const FONT = 'Peyk Vazirmatn';
const PERSIAN_GLYPHS = 'U+0600-06FF, U+0750-077F, U+200C-200E, U+FB50-FDFF, U+FE70-FEFC';

export function offerFont(server: string): void {
  if (typeof FontFace === 'undefined') return;
  const source = `url("${server}/widget/fonts/vazirmatn.woff2") format("woff2")`;
  const face = new FontFace(FONT, source, { weight: '100 900', display: 'swap', unicodeRange: PERSIAN_GLYPHS });
  document.fonts.add(face);
}
