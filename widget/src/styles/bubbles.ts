import { css } from 'lit';

/** The log: days, bubbles, ticks, replies, stars. */
export const bubbles = css`
  .log {
    flex: 1;
    min-height: 0;
    display: flex;
    flex-direction: column;
    gap: 6px;
    padding: 16px;
    overflow-y: auto;
    overscroll-behavior: contain;
    scrollbar-width: thin;
    scrollbar-color: var(--line) transparent;
  }
  .log:focus-visible {
    outline-offset: -3px;
  }
  .log > :first-child {
    margin-block-start: auto;
  }
  .day {
    align-self: center;
    margin-block: 8px;
    padding: 1px 14px;
    border-radius: 12px;
    background: color-mix(in srgb, var(--line) 55%, transparent);
    color: var(--quiet);
    font-size: 0.8125em;
  }
  .message {
    display: flex;
    flex-direction: column;
    gap: 6px;
    max-width: 88%;
  }
  .theirs {
    align-self: flex-start;
    align-items: flex-start;
  }
  .theirs:has(.card) {
    width: 100%;
    max-width: 100%;
  }
  .mine {
    align-self: flex-end;
    align-items: flex-end;
  }
  .mine + .theirs,
  .theirs + .mine {
    margin-block-start: 8px;
  }
  .name {
    margin-inline: 4px;
    margin-block-end: -2px;
    color: var(--quiet);
    font-size: 0.8125em;
    font-weight: 600;
  }
  .bubble {
    max-width: 100%;
    padding: 9px 14px 6px;
    border-radius: 20px;
    overflow-wrap: anywhere;
  }
  .bubble p {
    white-space: pre-wrap;
  }
  .theirs .bubble {
    background: var(--paper);
    border: 1px solid var(--line);
    border-start-start-radius: 6px;
  }
  .system {
    max-width: 100%;
    align-self: center;
  }
  .system .bubble {
    border-style: dashed;
    border-radius: 16px;
    background: none;
    color: var(--quiet);
    font-size: 0.9375em;
  }
  .mine .bubble {
    background: var(--pk-brand);
    color: var(--pk-on-brand);
    border-end-end-radius: 6px;
  }
  .mine.failed .bubble {
    background: var(--bad-back);
    color: var(--bad);
    border: 1px solid var(--bad);
  }
  .gone {
    color: var(--quiet);
    font-size: 0.875em;
  }
  .stamp {
    display: flex;
    align-items: center;
    gap: 4px;
    justify-content: flex-end;
    font-size: 0.75em;
    line-height: 1.6;
    color: var(--quiet);
  }
  .mine .stamp {
    color: inherit;
  }
  .tick .icon {
    width: 1.35em;
    height: 1.35em;
    stroke-width: 2.2;
  }
  .failure {
    max-width: 100%;
    text-align: end;
    font-size: 0.875em;
    color: var(--bad);
  }
  .replies {
    display: flex;
    flex-wrap: wrap;
    gap: 8px;
    margin-block: 2px 4px;
  }
  .reply {
    padding: 8px 16px;
    border: 1.5px solid var(--accent);
    border-radius: 22px;
    background: var(--paper);
    color: var(--accent);
    font-weight: 600;
    font-size: 0.9375em;
    line-height: 1.5;
    text-align: start;
    transition: background-color 0.15s ease;
  }
  .reply:hover,
  .action:hover {
    background: color-mix(in srgb, var(--accent) 10%, var(--paper));
  }
  .files {
    display: grid;
    gap: 6px;
    margin-block: 2px;
  }
  .file {
    display: flex;
    align-items: center;
    gap: 8px;
    min-height: 44px;
    padding: 4px 10px;
    border-radius: 12px;
    background: color-mix(in srgb, currentcolor 10%, transparent);
    color: inherit;
  }
  .file .icon {
    flex: none;
  }
  .file-name {
    overflow-wrap: anywhere;
    font-size: 0.9375em;
    line-height: 1.4;
  }
  .stars {
    display: flex;
    direction: inherit;
    gap: 2px;
    color: var(--accent);
  }
  .stars button {
    display: grid;
    place-items: center;
    border-radius: 12px;
  }
  .stars .icon {
    width: 32px;
    height: 32px;
  }
  .stars.given .icon {
    width: 24px;
    height: 24px;
  }
  .stars .on .icon,
  .stars:not(.given):hover button .icon,
  .stars:not(.given):has(:focus-visible) button .icon {
    fill: currentcolor;
  }
  .stars:not(.given) button:hover ~ button .icon,
  .stars:not(.given):not(:hover) button:focus-visible ~ button .icon {
    fill: none;
  }
  .dots {
    display: flex;
    gap: 5px;
    padding: 8px 2px 10px;
  }
  .dots i {
    width: 8px;
    height: 8px;
    border-radius: 4px;
    background: var(--quiet);
    animation: breathe 1.2s infinite ease-in-out;
  }
  .dots i:nth-child(2) {
    animation-delay: 0.15s;
  }
  .dots i:nth-child(3) {
    animation-delay: 0.3s;
  }
  @keyframes breathe {
    0%,
    60%,
    100% {
      opacity: 0.35;
      transform: none;
    }
    30% {
      opacity: 1;
      transform: translateY(-3px);
    }
  }
`;
