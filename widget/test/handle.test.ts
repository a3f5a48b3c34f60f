import { describe, expect, it, vi } from 'vitest';
import { handleOf } from '../src/handle';

const chat = () => ({ open: vi.fn(), close: vi.fn(), toggle: vi.fn(), ask: vi.fn() });

describe('the handle on the page', () => {
  it('sends what the page asks, without the blanks around it', () => {
    const peyk = chat();
    handleOf(peyk).ask('  سفارش TS-104233 کجاست؟\n');
    expect(peyk.ask).toHaveBeenCalledExactlyOnceWith('سفارش TS-104233 کجاست؟');
  });

  it.each(['', '  \n', undefined, null, 7, { toString: () => 'x' }])('sends nothing for %j', (text) => {
    const peyk = chat();
    handleOf(peyk).ask(text as string);
    expect(peyk.ask).not.toHaveBeenCalled();
  });

  it('cannot be changed by the page, and its functions stand alone', () => {
    const peyk = chat();
    const handle = handleOf(peyk);
    const { open, close, toggle } = handle;
    for (const call of [open, close, toggle]) call();
    expect([peyk.open, peyk.close, peyk.toggle].map((each) => each.mock.calls.length)).toEqual([1, 1, 1]);
    expect(Object.isFrozen(handle)).toBe(true);
  });
});
