import { css } from 'lit';

/** Where the customer writes. */
export const composer = css`
  .composer {
    padding: 10px 12px calc(10px + env(safe-area-inset-bottom, 0px));
    background: var(--paper);
    border-block-start: 1px solid var(--line);
  }
  .row {
    display: flex;
    align-items: flex-end;
    gap: 6px;
  }
  .write {
    flex: 1;
    min-width: 0;
    min-height: 44px;
    max-height: 140px;
    padding: 8px 14px;
    border: 1.5px solid var(--field);
    border-radius: 22px;
    background: var(--back);
    color: var(--ink);
    /* Below 16px phones zoom into the field. */
    font-size: max(16px, 1em);
    line-height: 1.6;
    resize: none;
    appearance: none;
  }
  textarea.write {
    overflow-y: auto;
    scrollbar-width: none;
  }
  .write:focus-visible {
    outline: 3px solid var(--accent);
    outline-offset: 0;
    border-color: transparent;
  }
  .write::placeholder {
    color: var(--quiet);
    opacity: 1;
  }
  /* An empty field has no direction of its own: it has the panel's. */
  [dir='rtl'] textarea.write:placeholder-shown {
    direction: rtl;
  }
  .quiet-button {
    color: var(--quiet);
  }
  .quiet-button:hover {
    background: var(--back);
  }
  .send {
    background: var(--pk-brand);
    color: var(--pk-on-brand);
    border-radius: 22px;
  }
  .send.wide {
    width: auto;
    padding-inline: 20px;
    font-weight: 700;
  }
  [dir='rtl'] .send .icon {
    transform: scaleX(-1);
  }
  .otp {
    text-align: center;
    letter-spacing: 0.5em;
    padding-inline-start: calc(14px + 0.5em);
    font-weight: 700;
    font-variant-numeric: tabular-nums;
  }
  .mobile {
    letter-spacing: 0.05em;
  }
  .field-label {
    display: block;
    margin: 0 8px 4px;
    font-weight: 700;
  }
  .hint {
    margin: 4px 8px 0;
    color: var(--quiet);
    font-size: 0.8125em;
  }
  .switch {
    float: inline-end;
    margin-block-start: -8px;
    font-size: 0.8125em;
  }
`;
