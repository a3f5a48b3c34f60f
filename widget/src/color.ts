/** The shop's colour, made readable: WCAG's contrast decides, not taste. */

type Rgb = [number, number, number];

const READABLE = 4.5;
/** Ink also stands on paper tinted with itself. */
const INK = 5.7;
const DARK_PAPER = '#1b2021';

function rgb(hex: string): Rgb {
  const value = Number.parseInt(hex.slice(1), 16);
  return [(value >> 16) & 255, (value >> 8) & 255, value & 255];
}

function hex(color: Rgb): string {
  return `#${color.map((part) => Math.round(part).toString(16).padStart(2, '0')).join('')}`;
}

function luminance(color: string): number {
  const [red, green, blue] = rgb(color).map((part) => {
    const share = part / 255;
    return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
  }) as Rgb;
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/** Return the contrast of two colours, 1 to 21. */
export function contrast(one: string, other: string): number {
  const [dark, light] = [luminance(one), luminance(other)].sort((a, b) => a - b) as [number, number];
  return (light + 0.05) / (dark + 0.05);
}

function towards(color: string, target: string, share: number): string {
  const to = rgb(target);
  return hex(rgb(color).map((part, place) => part + ((to[place] ?? 0) - part) * share) as Rgb);
}

/** Return `color`, moved as little as needed towards black or white until it can be read on `paper`. */
export function readable(color: string, paper: string, enough = READABLE): string {
  const target = luminance(paper) > 0.4 ? '#000000' : '#ffffff';
  for (let step = 0; step <= 20; step += 1) {
    const moved = towards(color, target, step / 20);
    if (contrast(moved, paper) >= enough) return moved;
  }
  return target;
}

export interface Palette {
  brand: string;
  onBrand: string;
  /** The brand as ink on light and on dark paper. */
  inkLight: string;
  inkDark: string;
}

/** Return the colours made of the shop's one. */
export function palette(color: string): Palette {
  const light = contrast('#ffffff', color);
  const onBrand = light >= READABLE || light >= contrast('#111111', color) ? '#ffffff' : '#111111';
  return {
    brand: readable(color, onBrand),
    onBrand,
    inkLight: readable(color, '#f4f6f5', INK),
    inkDark: readable(color, DARK_PAPER, INK),
  };
}
