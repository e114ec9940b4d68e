import { inspect } from 'node:util';
import { describe, expect, it } from 'vitest';
import { Bug } from '../base/assert.ts';
import { Secret } from './secret.ts';

describe('Secret', () => {
  const bytes = Uint8Array.of(0xde, 0xad, 0xbe, 0xef);

  it('exposes a copy of what it was given', () => {
    const given = bytes.slice();
    const secret = new Secret(given);
    given.fill(0);
    expect(secret.expose()).toEqual(bytes);
  });

  it('prints nothing', () => {
    const secret = new Secret(bytes);
    for (const printed of [String(secret), inspect(secret, { depth: 9, showHidden: true })])
      expect(printed).not.toMatch(/de|222/);
  });

  it('refuses JSON and structured clone, inside other objects too', () => {
    const holder = { seed: new Secret(bytes) };
    expect(() => JSON.stringify(holder)).toThrow(Bug);
    expect(() => structuredClone(holder)).toThrow();
  });

  it('is empty after wipe', () => {
    const secret = new Secret(bytes);
    const held = secret.expose();
    secret.wipe();
    expect(held).toEqual(new Uint8Array(4));
    expect(() => secret.expose()).toThrow(Bug);
  });
});
