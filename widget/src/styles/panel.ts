import { css } from 'lit';

/** The button in the corner, the window it opens, its head and settings. */
export const panel = css`
  .launcher,
  .panel {
    position: fixed;
    inset-block-end: 20px;
  }
  .side-end .launcher,
  .side-end .panel {
    inset-inline-end: 20px;
  }
  .side-start .launcher,
  .side-start .panel {
    inset-inline-start: 20px;
  }
  .launcher {
    width: 60px;
    height: 60px;
    display: grid;
    place-items: center;
    border-radius: 22px;
    background: var(--pk-brand);
    color: var(--pk-on-brand);
    box-shadow: var(--shadow);
    transition: transform 0.18s ease;
  }
  .launcher:hover {
    transform: translateY(-2px);
  }
  .launcher .icon {
    width: 30px;
    height: 30px;
  }
  .launcher:focus-visible {
    outline-color: var(--accent);
    outline-offset: 3px;
    box-shadow: 0 0 0 3px var(--paper);
  }
  .badge {
    position: absolute;
    inset-block-start: -6px;
    inset-inline-end: -6px;
    min-width: 24px;
    height: 24px;
    padding-inline: 6px;
    border-radius: 12px;
    background: #c4261d;
    color: #fff;
    font-size: 13px;
    font-weight: 700;
    line-height: 24px;
    text-align: center;
    box-shadow: 0 0 0 2px var(--paper);
  }
  .panel {
    width: 400px;
    max-width: calc(100vw - 40px);
    height: 680px;
    max-height: min(calc(100dvh - 40px), calc(var(--pk-screen, 100dvh) - 40px));
    display: flex;
    flex-direction: column;
    overflow: hidden;
    border-radius: 24px;
    background: var(--back);
    box-shadow: var(--shadow);
    animation: rise 0.22s cubic-bezier(0.2, 0.8, 0.3, 1);
  }
  @keyframes rise {
    from {
      opacity: 0;
      transform: translateY(14px) scale(0.985);
    }
  }
  .root[data-size='1'] .panel {
    width: 430px;
  }
  .root[data-size='2'] .panel {
    width: 470px;
  }
  .head {
    display: flex;
    align-items: center;
    gap: 4px;
    padding: 12px;
    padding-inline-start: 16px;
    background: var(--pk-brand);
    color: var(--pk-on-brand);
  }
  .head :focus-visible {
    outline-color: var(--pk-on-brand);
    outline-offset: -3px;
  }
  .logo {
    flex: none;
    width: 44px;
    height: 44px;
    display: grid;
    place-items: center;
    border-radius: 15px;
    overflow: hidden;
    background: color-mix(in srgb, var(--pk-on-brand) 16%, transparent);
  }
  .logo img {
    width: 100%;
    height: 100%;
    object-fit: cover;
  }
  .who {
    flex: 1;
    min-width: 0;
    margin-inline-start: 10px;
  }
  .who h2 {
    font-size: 1.0625em;
    font-weight: 700;
    line-height: 1.5;
    text-align: start;
  }
  .who p {
    font-size: 0.8125em;
    line-height: 1.5;
  }
  /* A foreign name keeps its direction, its place is the panel's start. */
  [dir='rtl'] .who > * {
    text-align: right;
  }
  [dir='ltr'] .who > * {
    text-align: left;
  }
  .round {
    flex: none;
    width: 44px;
    height: 44px;
    display: grid;
    place-items: center;
    border-radius: 14px;
    transition: background-color 0.15s ease;
  }
  .head .round:hover,
  .head .round[aria-expanded='true'] {
    background: color-mix(in srgb, var(--pk-on-brand) 16%, transparent);
  }
  .settings {
    padding: 6px 16px 10px;
    background: var(--paper);
    border-block-end: 1px solid var(--line);
    font-size: 0.9375em;
  }
  .toggle,
  .sizes {
    width: 100%;
    min-height: 48px;
    display: flex;
    align-items: center;
    justify-content: space-between;
    gap: 8px;
    text-align: start;
  }
  .sizes > span {
    flex: 1;
  }
  .knob {
    flex: none;
    position: relative;
    width: 46px;
    height: 26px;
    border-radius: 13px;
    background: var(--field);
    transition: background-color 0.15s ease;
  }
  .knob::after {
    content: '';
    position: absolute;
    inset-block-start: 3px;
    inset-inline-start: 3px;
    width: 20px;
    height: 20px;
    border-radius: 10px;
    background: #fff;
    transition: inset-inline-start 0.15s ease;
  }
  [aria-checked='true'] .knob {
    background: var(--accent);
  }
  [aria-checked='true'] .knob::after {
    inset-inline-start: 23px;
    background: var(--paper);
  }
  .size {
    border: 1px solid var(--line);
    border-radius: 12px;
    font-weight: 600;
    line-height: 1;
  }
  .size[aria-pressed='true'] {
    border-color: var(--accent);
    color: var(--accent);
    box-shadow: inset 0 0 0 1px var(--accent);
  }
  .size-1 {
    font-size: 1.2em;
  }
  .size-2 {
    font-size: 1.45em;
  }
  .line {
    font-size: 0.875em;
  }
  .line.shown {
    padding: 8px 16px;
    background: var(--good-back);
    color: var(--good);
    border-block-end: 1px solid var(--line);
  }
  .line.shown.down {
    background: var(--care-back);
    color: var(--care);
  }
  .below {
    align-self: center;
    margin-block-start: -52px;
    margin-block-end: 8px;
    padding-inline: 18px;
    border-radius: 22px;
    background: var(--pk-brand);
    color: var(--pk-on-brand);
    font-size: 0.875em;
    font-weight: 600;
    box-shadow: var(--shadow);
    z-index: 1;
  }
  @media (max-width: 480px) {
    .root.open .panel {
      inset: 0;
      inset-block-end: auto;
      width: 100vw;
      max-width: none;
      height: var(--pk-screen, 100dvh);
      max-height: none;
      border-radius: 0;
      box-shadow: none;
    }
    .launcher {
      inset-block-end: 16px;
    }
    .side-end .launcher {
      inset-inline-end: 16px;
    }
    .side-start .launcher {
      inset-inline-start: 16px;
    }
  }
`;
