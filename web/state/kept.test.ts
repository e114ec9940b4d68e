import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { MemoryStorage } from '../testkit/memory-storage.ts';
import { forgetAll, keep, recall } from './kept.ts';

describe('what the page keeps', () => {
  beforeEach(() => {
    vi.stubGlobal('sessionStorage', new MemoryStorage());
    vi.stubGlobal('localStorage', new MemoryStorage());
  });
  afterEach(() => vi.unstubAllGlobals());

  it('comes back after a reload', () => {
    keep('tab', 'send', { text: 'lnbc1…', all: true });
    expect(recall('tab', 'send', { text: '', all: false })).toEqual({ text: 'lnbc1…', all: true });
  });

  it('takes nothing of another shape', () => {
    keep('tab', 'send', { text: 5, extra: 'x' });
    expect(recall('tab', 'send', { text: '', all: false })).toEqual({ text: '', all: false });
    sessionStorage.setItem('leyden/send', '{broken');
    expect(recall('tab', 'send', { text: 'usual' })).toEqual({ text: 'usual' });
  });

  it('is forgotten as a whole', () => {
    keep('tab', 'a', { x: 1 });
    keep('device', 'b', { x: 1 });
    localStorage.setItem('another page', 'stays');
    forgetAll();
    expect(recall('tab', 'a', { x: 0 })).toEqual({ x: 0 });
    expect(recall('device', 'b', { x: 0 })).toEqual({ x: 0 });
    expect(localStorage.getItem('another page')).toBe('stays');
  });

  it('works where storage is switched off', () => {
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('denied');
      },
      setItem: () => {
        throw new Error('denied');
      },
    });
    keep('device', 'a', { x: 1 });
    expect(recall('device', 'a', { x: 0 })).toEqual({ x: 0 });
  });
});
