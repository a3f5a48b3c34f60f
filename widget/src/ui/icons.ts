/** Line drawings of our own, in the colour of the text beside them. */
import { html, svg, type SVGTemplateResult, type TemplateResult } from 'lit';

const PATHS = {
  chat: svg`<path d="M20.5 11.6c0 4-3.8 7.3-8.5 7.3-1 0-2-.2-2.9-.4L4.5 20.500l1.2-3.700a6.7 6.7 0 0 1-2.2-5.200c0-4 3.8-7.3 8.5-7.300s8.5 3.3 8.5 7.300Z"/><path d="M8.5 11.700h.01M12 11.700h.01M15.5 11.700h.01"/>`,
  close: svg`<path d="m6 6 12 12M18 6 6 18"/>`,
  down: svg`<path d="m6 9 6 6 6-6"/>`,
  settings: svg`<path d="M4 7h9m5 0h2M4 17h2m5 0h9"/><circle cx="15.5" cy="7" r="2.5"/><circle cx="8.5" cy="17" r="2.5"/>`,
  send: svg`<path d="M4.5 12h14M13 6l6 6-6 6"/>`,
  attach: svg`<path d="m19.5 11.5-7.8 7.700a4.9 4.9 0 0 1-7-7l8-7.900a3.3 3.3 0 0 1 4.7 4.700l-7.9 7.800a1.6 1.6 0 0 1-2.3-2.300l7.2-7.2"/>`,
  file: svg`<path d="M13.5 3.500h-7a1 1 0 0 0-1 1v15a1 1 0 0 0 1 1h11a1 1 0 0 0 1-1v-11Z"/><path d="M13.5 3.500v5h5"/>`,
  picture: svg`<rect x="3.5" y="4.5" width="17" height="15" rx="2.5"/><circle cx="9" cy="10" r="1.6"/><path d="m5 18 5-4.5 3 2.5 3-3 4 4"/>`,
  clock: svg`<circle cx="12" cy="12" r="8"/><path d="M12 7.500V12l3 2"/>`,
  tick: svg`<path d="m5 12.5 4.5 4.500L19 7.5"/>`,
  ticks: svg`<path d="m2.5 12.5 4.5 4.5 9-9.500M11.5 16.300l.8.700L21.5 7.5"/>`,
  warning: svg`<path d="M12 4 2.8 19.500h18.400Z"/><path d="M12 10v4.500M12 17h.01"/>`,
  star: svg`<path d="m12 3.6 2.6 5.3 5.8.8-4.2 4.1 1 5.8-5.2-2.7-5.2 2.7 1-5.8-4.2-4.1 5.8-.8Z"/>`,
  box: svg`<path d="m3.5 7.5 8.5-4 8.5 4v9l-8.5 4-8.5-4Z"/><path d="m3.5 7.5 8.5 4 8.5-4M12 11.500v9"/>`,
  out: svg`<path d="M10 5H6a1 1 0 0 0-1 1v12a1 1 0 0 0 1 1h12a1 1 0 0 0 1-1v-4M14 5h5v5M19 5l-8 8"/>`,
} satisfies Record<string, SVGTemplateResult>;

export type IconName = keyof typeof PATHS;

/** Draw an icon; what it means is said beside it, never by it. */
export function icon(name: IconName): TemplateResult {
  return html`<svg class="icon icon-${name}" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
    ${PATHS[name]}
  </svg>`;
}
