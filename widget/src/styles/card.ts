import { css } from 'lit';

/** The order card and its stage bar. */
export const card = css`
  .card {
    --tone: var(--accent);
    --tone-back: color-mix(in srgb, var(--accent) 12%, var(--paper));
    width: 100%;
    padding: 14px;
    border: 1px solid var(--line);
    border-radius: 20px;
    background: var(--paper);
    font-size: 0.9375em;
  }
  .tone-care {
    --tone: var(--care);
    --tone-back: var(--care-back);
  }
  .tone-bad {
    --tone: var(--bad);
    --tone-back: var(--bad-back);
  }
  .tone-good {
    --tone: var(--good);
    --tone-back: var(--good-back);
  }
  .tone-ended {
    --tone: var(--quiet);
    --tone-back: var(--back);
  }
  .card header {
    display: flex;
    flex-wrap: wrap;
    align-items: center;
    justify-content: space-between;
    gap: 6px 10px;
  }
  .card h3 {
    font-size: 1.0625em;
    font-weight: 700;
  }
  .card h4 {
    font-size: 1em;
    font-weight: 700;
  }
  .card .status {
    padding: 2px 12px;
    border-radius: 14px;
    background: var(--tone-back);
    color: var(--tone);
    font-size: 0.875em;
    font-weight: 700;
  }
  .bar {
    display: flex;
    margin-block: 16px 4px;
  }
  .bar li {
    position: relative;
    flex: 1;
    min-width: 0;
    display: flex;
    flex-direction: column;
    align-items: center;
    gap: 6px;
    padding-inline: 2px;
    text-align: center;
    font-size: 0.75em;
    line-height: 1.45;
    color: var(--quiet);
  }
  .bar li + li::before {
    content: '';
    position: absolute;
    inset-block-start: 9px;
    inset-inline: calc(-50% + 11px) calc(50% + 11px);
    height: 4px;
    border-radius: 2px;
    background: var(--line);
    transition: background-color 0.6s ease;
  }
  .bar .done::before,
  .bar .now::before {
    background: var(--tone) !important;
  }
  .dot {
    width: 22px;
    height: 22px;
    display: grid;
    place-items: center;
    border-radius: 11px;
    border: 2px solid var(--line);
    background: var(--paper);
    color: transparent;
    transition:
      background-color 0.6s ease,
      border-color 0.6s ease;
  }
  .dot .icon {
    width: 14px;
    height: 14px;
    stroke-width: 3;
  }
  .done .dot,
  .tone-good .now .dot {
    background: var(--tone);
    border-color: var(--tone);
    color: var(--paper);
  }
  .now .dot {
    border: 6px solid var(--tone);
    animation: here 2s infinite ease-out;
  }
  .tone-good .now .dot {
    border-width: 2px;
    animation: none;
  }
  @keyframes here {
    from {
      box-shadow: 0 0 0 0 color-mix(in srgb, var(--tone) 45%, transparent);
    }
    70%,
    to {
      box-shadow: 0 0 0 9px transparent;
    }
  }
  .bar .now {
    color: var(--ink);
    font-weight: 700;
  }
  .card dl,
  .items,
  .events,
  .parcel,
  .actions {
    margin-block-start: 12px;
    padding-block-start: 12px;
    border-block-start: 1px solid var(--line);
  }
  .parcel > dl {
    margin: 0;
    padding: 0;
    border: 0;
  }
  dl > div {
    display: flex;
    justify-content: space-between;
    gap: 12px;
  }
  dt {
    flex: none;
    color: var(--quiet);
  }
  dd {
    font-weight: 600;
    text-align: end;
  }
  .items {
    display: grid;
    gap: 6px;
  }
  .items li {
    display: flex;
    flex-wrap: wrap;
    justify-content: space-between;
    gap: 0 12px;
  }
  .items .quiet {
    margin-inline-start: auto;
    font-size: 0.9375em;
  }
  .events li {
    position: relative;
    display: flex;
    flex-direction: column;
    padding-block-end: 10px;
    padding-inline-start: 20px;
    line-height: 1.5;
  }
  .events li::before {
    content: '';
    position: absolute;
    inset-block-start: 6px;
    inset-inline-start: 1px;
    width: 10px;
    height: 10px;
    border-radius: 5px;
    background: var(--line);
  }
  .events li:first-child::before {
    background: var(--tone);
  }
  .events li:not(:last-child)::after {
    content: '';
    position: absolute;
    inset-block: 18px -4px;
    inset-inline-start: 5px;
    width: 2px;
    background: var(--line);
  }
  .events li:last-child {
    padding-block-end: 0;
  }
  .events time {
    font-size: 0.875em;
  }
  .track {
    display: flex;
    align-items: center;
    gap: 6px;
    min-height: 44px;
    font-weight: 600;
  }
  .track .icon {
    width: 1.2em;
    height: 1.2em;
  }
  [dir='rtl'] .track .icon {
    transform: scaleX(-1);
  }
  .actions {
    display: grid;
    gap: 8px;
  }
  .action {
    padding: 8px 14px;
    border: 1.5px solid var(--line);
    border-radius: 14px;
    color: var(--accent);
    font-weight: 600;
    line-height: 1.5;
    transition: background-color 0.15s ease;
  }
  .action:first-child {
    background: var(--pk-brand);
    border-color: var(--pk-brand);
    color: var(--pk-on-brand);
  }
`;
