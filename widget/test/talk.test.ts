import { describe, expect, it } from 'vitest';
import * as talk from '../src/talk/talk';
import type { Entry, Welcome } from '../src/wire';

const AT = '2026-11-22T06:00:00.000Z';
const entry = (seq: number, author: Entry['author'] = 'bot', text = `said ${seq}`): Entry => ({
  seq,
  author,
  at: AT,
  text,
});
const welcome = (more: Partial<Welcome> = {}): Welcome => ({
  type: 'welcome',
  token: 't',
  owner: 'bot',
  last_seq: 0,
  entries: [],
  ...more,
});
const message = (id: string, text = id): talk.Unsent => ({ id, at: AT, text });
const seqs = (state: talk.Talk): number[] => talk.inOrder(state).map((each) => each.seq);

describe('entries', () => {
  it('stand in order, whatever order they came in, each once', () => {
    let state = talk.EMPTY;
    for (const seq of [1, 3, 2, 3, 1]) state = talk.withEntry(state, entry(seq));
    expect(seqs(state)).toEqual([1, 2, 3]);
    expect(state.upTo).toBe(3);
  });

  it('with a hole are known as far as there is none', () => {
    let state = talk.withEntry(talk.withEntry(talk.EMPTY, entry(1)), entry(4));
    expect(state.upTo).toBe(1);
    expect(talk.hasHole(state)).toBe(true);
    state = talk.mended(talk.withEntry(state, entry(2)));
    expect(state.upTo).toBe(4);
    expect(talk.hasHole(state)).toBe(false);
  });

  it('without a sane number are none', () => {
    expect(talk.withEntry(talk.EMPTY, entry(0)).entries.size).toBe(0);
    expect(talk.withEntry(talk.EMPTY, entry(Number.NaN)).entries.size).toBe(0);
  });
});

describe('a message of the customer', () => {
  it('is unsent until the server has it, then an entry under the same id', () => {
    const sent = talk.written(talk.EMPTY, message('a', 'سلام'));
    const kept = talk.accepted(sent, 'a', 1);
    expect(sent.unsent).toHaveLength(1);
    expect(kept.unsent).toHaveLength(0);
    expect(kept.entries.get(1)?.text).toBe('سلام');
    expect(kept.ids.get(1)).toBe('a');
  });

  it('accepted twice is there once', () => {
    const state = talk.accepted(talk.accepted(talk.written(talk.EMPTY, message('a')), 'a', 1), 'a', 2);
    expect(seqs(state)).toEqual([1]);
  });

  it('whose entry overtook its "accepted" is shown once', () => {
    const sent = talk.withEntry(talk.written(talk.EMPTY, message('a', 'x')), entry(1, 'customer', 'x'));
    expect(talk.shownUnsent(sent)).toEqual([]);
    expect(sent.unsent).toHaveLength(1);
    expect(seqs(talk.accepted(sent, 'a', 1))).toEqual([1]);
  });

  it('said twice in the same words is shown twice', () => {
    let state = talk.written(talk.written(talk.EMPTY, message('a', 'x')), message('b', 'x'));
    state = talk.withEntry(state, entry(1, 'customer', 'x'));
    expect(talk.shownUnsent(state).map((each) => each.id)).toEqual(['b']);
  });

  it('that was refused stays with the reason until it is given up', () => {
    const state = talk.refused(talk.written(talk.EMPTY, message('a')), 'a', 'too long');
    expect(state.unsent[0]?.failed).toBe('too long');
    expect(talk.dropped(state, 'a').unsent).toEqual([]);
  });
});

describe('a greeting', () => {
  it('brings what was missed and settles what the server had already', () => {
    let state = talk.withEntry(talk.written(talk.written(talk.EMPTY, message('a')), message('b')), entry(1));
    state = talk.welcomed(
      state,
      welcome({ last_seq: 3, known: { a: 2 }, entries: [entry(2, 'customer', 'a'), entry(3)] }),
    );
    expect(seqs(state)).toEqual([1, 2, 3]);
    expect(state.unsent.map((each) => each.id)).toEqual(['b']);
  });

  it('of a new conversation forgets the old one, not what is unsent', () => {
    let state = talk.written(talk.withEntry(talk.EMPTY, entry(1)), message('a'));
    state = talk.welcomed(state, welcome({ new: true }));
    expect(seqs(state)).toEqual([]);
    expect(state.unsent).toHaveLength(1);
    expect(state.upTo).toBe(0);
  });
});

it('counts as unread what others said after what was read', () => {
  let state = talk.EMPTY;
  for (const each of [entry(1), entry(2, 'customer'), entry(3, 'agent'), entry(4, 'system')])
    state = talk.withEntry(state, each);
  expect(talk.unread(state, 1)).toBe(2);
});

it('is read as far as the server says, whoever speaks', () => {
  let state = talk.welcomed(talk.EMPTY, welcome({ last_seq: 2, seen: 1 }));
  for (const each of [entry(3, 'customer'), entry(4, 'bot'), entry(5, 'agent')]) state = talk.withEntry(state, each);
  expect(state.seen).toBe(1);
  expect(talk.welcomed(state, welcome()).seen).toBe(1);
});
