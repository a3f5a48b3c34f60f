/** Where the keyboard is, inside the widget and when it comes back to the page. */

const FOCUSABLE = 'a[href], button:not([disabled]), textarea, input:not([type=file]), [tabindex="0"]';

/** Keep Tab inside `panel`, for a panel that covers the whole page. */
export function keepInside(panel: Element, active: Element | null, event: KeyboardEvent): void {
  const stops = [...panel.querySelectorAll<HTMLElement>(FOCUSABLE)].filter((each) => each.checkVisibility?.() ?? true);
  const first = stops[0];
  const last = stops.at(-1);
  if (!first || !last) return;
  const leaves = event.shiftKey ? active === first : active === last;
  if (!leaves && stops.includes(active as HTMLElement)) return;
  event.preventDefault();
  (event.shiftKey ? last : first).focus();
}

/** Return what has the focus on the page, when it is something to come back to. */
export function pageFocus(own: Element): HTMLElement | undefined {
  const active = document.activeElement;
  const real = active instanceof HTMLElement && active !== document.body && active !== own;
  return real ? active : undefined;
}

/** A finger on glass: to focus a text field would throw a keyboard over half the screen. */
export function touches(): boolean {
  return matchMedia('(pointer: coarse)').matches;
}
