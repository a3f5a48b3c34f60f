import { css } from 'lit';

/** The colours by night, whoever chose them: the customer or the system. */
const dark = css`
  --paper: #1b2021;
  --back: #121617;
  --ink: #e9edec;
  --quiet: #a6b2af;
  --line: #313a3b;
  --field: #7f8c89;
  --accent: var(--pk-ink-dark);
  --care: #f5c76f;
  --care-back: #382b12;
  --bad: #ffa198;
  --bad-back: #421f1c;
  --good: #83dda9;
  --good-back: #16341f;
  --shadow: 0 0 0 1px #313a3b, 0 12px 40px rgb(0 0 0 / 55%);
`;

/** Colours, type, and the wall between the page and us. */
export const base = css`
  /* In a shadow tree "!important" wins over the page's "!important": nothing is inherited, nothing is resized. */
  :host {
    all: initial !important;
    display: block !important;
    position: fixed !important;
    inset: auto 0 0 auto !important;
    width: 0 !important;
    height: 0 !important;
    z-index: 2147483000 !important;
    color-scheme: light dark !important;
  }
  *,
  *::before,
  *::after {
    box-sizing: border-box;
  }
  .root {
    --paper: #fff;
    --back: #f4f6f5;
    --ink: #1b2423;
    --quiet: #55635f;
    --line: #dde4e1;
    --field: #7b8a86;
    --accent: var(--pk-ink-light);
    --care: #7a4800;
    --care-back: #fdf0d9;
    --bad: #a1231a;
    --bad-back: #fde9e7;
    --good: #0a6438;
    --good-back: #e2f4e9;
    --shadow: 0 1px 2px rgb(20 40 35 / 8%), 0 12px 40px rgb(20 40 35 / 22%);
    /* Every family a system does not have is looked up before the first line is drawn: system-ui is there everywhere. */
    font-family: 'Peyk Vazirmatn', system-ui, sans-serif;
    font-size: 100%;
    line-height: 1.65;
    color: var(--ink);
    text-align: start;
    -webkit-text-size-adjust: 100%;
  }
  .root[data-size='1'] {
    font-size: 112.5%;
  }
  .root[data-size='2'] {
    font-size: 130%;
  }
  .root[data-theme='light'] {
    color-scheme: light;
  }
  .root[data-theme='dark'] {
    color-scheme: dark;
    ${dark}
  }
  @media (prefers-color-scheme: dark) {
    .root[data-theme='auto'] {
      ${dark}
    }
  }
  h2,
  h3,
  h4,
  p,
  ul,
  ol,
  dl,
  dd {
    margin: 0;
    padding: 0;
  }
  ul,
  ol {
    list-style: none;
  }
  button,
  input,
  textarea {
    font: inherit;
    color: inherit;
    margin: 0;
    letter-spacing: inherit;
  }
  button {
    border: 0;
    background: none;
    padding: 0;
    cursor: pointer;
    min-width: 44px;
    min-height: 44px;
    touch-action: manipulation;
    -webkit-tap-highlight-color: transparent;
  }
  a {
    color: var(--accent);
    text-underline-offset: 0.2em;
  }
  :focus {
    outline: none;
  }
  :focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 2px;
  }
  bdi,
  .whole {
    white-space: nowrap;
  }
  bdi:not([dir]),
  bdi.long {
    white-space: normal;
    overflow-wrap: anywhere;
  }
  .icon {
    display: block;
    width: 1.5em;
    height: 1.5em;
    fill: none;
    stroke: currentcolor;
    stroke-width: 1.8;
    stroke-linecap: round;
    stroke-linejoin: round;
  }
  .unseen {
    position: absolute;
    width: 1px;
    height: 1px;
    margin: 0;
    overflow: hidden;
    clip-path: inset(50%);
    white-space: nowrap;
  }
  .quiet {
    color: var(--quiet);
  }
  button.text {
    color: var(--accent);
    font-weight: 600;
    padding: 0 0.6em;
    border-radius: 10px;
  }
  @media (prefers-reduced-motion: reduce) {
    *,
    *::before,
    *::after {
      animation: none !important;
      transition: none !important;
      scroll-behavior: auto !important;
    }
  }
  @media print {
    .root {
      display: none;
    }
  }
`;
