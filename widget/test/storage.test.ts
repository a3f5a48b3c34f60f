import { describe, expect, it } from 'vitest';
import { Storage } from '../src/talk/storage';

class Shelf implements globalThis.Storage {
  [name: string]: unknown;
  private readonly kept = new Map<string, string>();
  get length(): number {
    return this.kept.size;
  }
  clear = (): void => this.kept.clear();
  key = (): null => null;
  getItem = (name: string): string | null => this.kept.get(name) ?? null;
  setItem = (name: string, value: string): void => void this.kept.set(name, value);
  removeItem = (name: string): void => void this.kept.delete(name);
}

class Full extends Shelf {
  override setItem = (): void => {
    throw new Error('QuotaExceededError');
  };
}

const AT = '2026-11-22T06:00:00Z';

describe('unsent messages', () => {
  it('outlive their page, in order, each once', () => {
    const shelf = new Shelf();
    const before = new Storage('s', shelf);
    before.keep({ id: 'a', at: AT, text: 'one' });
    before.keep({ id: 'b', at: AT, text: 'two' });
    before.keep({ id: 'a', at: AT, text: 'one' });
    expect(new Storage('s', shelf).unsent().map((each) => each.text)).toEqual(['two', 'one']);
    before.forget('a');
    expect(new Storage('s', shelf).unsent().map((each) => each.id)).toEqual(['b']);
  });

  it('with a file on its way are this tab’s alone', () => {
    const storage = new Storage('s', new Shelf());
    storage.keep({ id: 'a', at: AT, upload: { name: 'x.png', type: 'image/png', size: 1 } });
    expect(storage.unsent()).toEqual([]);
  });

  it('survive nonsense in the storage', () => {
    const shelf = new Shelf();
    shelf.setItem('peyk:s:unsent', '{broken');
    expect(new Storage('s', shelf).unsent()).toEqual([]);
    shelf.setItem('peyk:s:unsent', '[{"id":1},null,{"id":"a","at":"x"}]');
    expect(new Storage('s', shelf).unsent()).toEqual([{ id: 'a', at: 'x' }]);
  });
});

it.each([undefined, new Full()])('works without a storage of the browser', (shelf) => {
  const storage = new Storage('s', shelf);
  storage.token = 't';
  storage.keep({ id: 'a', at: AT, text: 'x' });
  expect(storage.token).toBe('t');
  expect(storage.unsent()).toHaveLength(1);
});

it('keeps two servers apart', () => {
  const shelf = new Shelf();
  new Storage('one', shelf).token = 't';
  expect(new Storage('two', shelf).token).toBeNull();
});
