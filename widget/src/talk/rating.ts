/** Five buttons that mean one to five stars. */
import { asciiDigits } from '../text/digits';
import type { Button, Entry } from '../wire';

/** Return the five buttons in order when an entry asks for a rating, else undefined. */
export function ratingOf(entry: Entry): Button[] | undefined {
  const buttons = entry.buttons ?? [];
  if (buttons.length < 5) return undefined;
  const five = buttons.slice(0, 5);
  const stars = five.every((button, place) => {
    const number = /\d+/.exec(asciiDigits(button.title));
    return number ? Number(number[0]) === place + 1 : button.title.split(/[★⭐]/u).length === place + 2;
  });
  return stars ? five : undefined;
}
