import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Refusal } from '../src/link/http';
import { Uploads } from '../src/talk/uploads';
import type { FileFact } from '../src/wire';

const FILE = new File(['x'], 'x.png', { type: 'image/png' });
const FACT: FileFact = { id: 'f', name: 'x.png', type: 'image/png', size: 1 };

function uploads(put: () => Promise<FileFact>) {
  const events = { arrived: vi.fn(), refused: vi.fn(), changed: vi.fn() };
  const tries = vi.fn(put);
  const all = new Uploads(tries, events);
  all.add('a', FILE);
  return { all, events, tries };
}

beforeEach(() => {
  vi.useFakeTimers();
  vi.spyOn(Math, 'random').mockReturnValue(0.5);
});
afterEach(() => {
  vi.useRealTimers();
  vi.restoreAllMocks();
});

describe('a file', () => {
  it('that does not get through is tried again after growing pauses', async () => {
    const { all, events, tries } = uploads(() => Promise.reject(new Error('503')));
    all.send('a');
    for (const [pause, number] of [
      [250, 2],
      [600, 3],
      [1_200, 4],
      [2_500, 5],
    ] as const) {
      await vi.advanceTimersByTimeAsync(pause - 1);
      expect(tries).toHaveBeenCalledTimes(number - 1);
      expect(all.late).toBe(true);
      await vi.advanceTimersByTimeAsync(1);
      expect(tries).toHaveBeenCalledTimes(number);
    }
    expect(events.arrived).not.toHaveBeenCalled();
    expect(events.refused).not.toHaveBeenCalled();
  });

  it('arrives once, however often it is asked for', async () => {
    const { all, events, tries } = uploads(() => Promise.resolve(FACT));
    all.send('a');
    all.send('a');
    await vi.runAllTimersAsync();
    all.send('a');
    expect(tries).toHaveBeenCalledTimes(1);
    expect(events.arrived.mock.calls).toEqual([['a', FACT]]);
  });

  it('is no longer late once it is there', async () => {
    const { all, tries } = uploads(() => Promise.reject(new Error('503')));
    tries.mockRejectedValueOnce(new Error('503')).mockResolvedValueOnce(FACT);
    all.send('a');
    await vi.runAllTimersAsync();
    expect(tries).toHaveBeenCalledTimes(2);
    expect(all.late).toBe(false);
  });

  it('that is refused waits for its customer, and goes again when asked', async () => {
    const { all, events, tries } = uploads(() => Promise.reject(new Refusal(415, 'type', 'Only pictures.')));
    all.send('a');
    await vi.runAllTimersAsync();
    expect(events.refused.mock.calls).toEqual([['a', 'Only pictures.']]);
    expect(all.late).toBe(false);
    all.send('a');
    await vi.runAllTimersAsync();
    expect(tries).toHaveBeenCalledTimes(2);
  });

  it('too soon goes again when the server said', async () => {
    const { all, events, tries } = uploads(() => Promise.reject(new Refusal(429, 'burst', 'Slowly.', 7)));
    all.send('a');
    await vi.advanceTimersByTimeAsync(6_999);
    expect(tries).toHaveBeenCalledTimes(1);
    await vi.advanceTimersByTimeAsync(1);
    expect(tries).toHaveBeenCalledTimes(2);
    expect(events.refused).not.toHaveBeenCalled();
  });

  it('that was given up is never sent again, and says nothing when it arrives', async () => {
    const { all, events, tries } = uploads(() => Promise.reject(new Error('503')));
    all.send('a');
    await vi.advanceTimersByTimeAsync(0);
    all.forget('a');
    await vi.runAllTimersAsync();
    expect(tries).toHaveBeenCalledTimes(1);
    expect(all.late).toBe(false);
    expect(events.arrived).not.toHaveBeenCalled();
  });
});
