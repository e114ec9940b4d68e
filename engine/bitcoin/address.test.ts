import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { NETWORKS, type Network } from '../base/network.ts';
import { addressOf, scriptOfAddress } from './address.ts';
import bip350 from './fixtures/bip350.json' with { type: 'json' };
import funding from './fixtures/bolt3-funding.json' with { type: 'json' };
import { p2pkhOfHash, p2shOfHash } from './script.ts';

const networks = Object.keys(NETWORKS) as Network[];

describe('BIP 350', () => {
  it.each(bip350.valid)('$address', ({ address, script }) => {
    const network = address.toLowerCase().startsWith('bc') ? 'mainnet' : 'signet';
    const result = scriptOfAddress(address, network);
    expect(result.ok && toHex(result.value)).toBe(script);
    expect(addressOf(fromHex(script), network)).toBe(address.toLowerCase());
  });
  it.each(bip350.invalid)('refuses $address: $why', ({ address }) => {
    for (const network of networks) expect(scriptOfAddress(address, network)).toMatchObject({ ok: false });
  });
});

describe('addresses', () => {
  it.each(funding.dualFunded.addresses)('BOLT 3 Appendix G: $address', ({ script, address }) => {
    expect(addressOf(fromHex(script), 'regtest')).toBe(address);
    expect(scriptOfAddress(address, 'regtest')).toEqual({ ok: true, value: fromHex(script) });
    expect(scriptOfAddress(address, 'mainnet')).toEqual({
      ok: false,
      error: { code: 'wrong-network', networks: ['regtest'] },
    });
  });

  // BIP 13 and Bitcoin's genesis block.
  it.each([
    ['1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNa', '76a91462e907b15cbf27d5425399ebf6f0fb50ebb88f1888ac'],
    ['3P14159f73E4gFr7JterCCQh9QjiTjiZrG', 'a914e9c3dd0c07aac76179ebc76a6c78d4d67c6c160a87'],
  ])('%s', (address, script) => {
    expect(addressOf(fromHex(script), 'mainnet')).toBe(address);
    expect(scriptOfAddress(address, 'mainnet')).toEqual({ ok: true, value: fromHex(script) });
    expect(scriptOfAddress(address, 'regtest')).toEqual({
      ok: false,
      error: { code: 'wrong-network', networks: ['mainnet'] },
    });
  });

  it('of the test networks name all networks that they may be of', () => {
    const address = addressOf(p2pkhOfHash(new Uint8Array(20)), 'testnet4')!;
    expect(scriptOfAddress(address, 'mainnet')).toEqual({
      ok: false,
      error: { code: 'wrong-network', networks: ['testnet4', 'signet', 'mutinynet', 'regtest'] },
    });
    expect(scriptOfAddress(address, 'regtest').ok).toBe(true);
  });

  it('tells a mistyped address from something else', () => {
    const { address } = funding.dualFunded.addresses[0]!;
    const code = (text: string): string => {
      const result = scriptOfAddress(text, 'regtest');
      return result.ok ? 'ok' : result.error.code;
    };
    expect(code(address.replace('q', 'p'))).toBe('bad-checksum');
    expect(code('1A1zP1eP5QGefi2DMPTfTL5SLmv7DivfNb')).toBe('bad-checksum');
    expect(code('lnbc20m1pvjluez')).toBe('not-an-address');
    expect(code('')).toBe('not-an-address');
    expect(code('bc1'.repeat(400_000))).toBe('not-an-address');
    expect(code('🙂')).toBe('not-an-address');
  });

  it('never throw, and come back as they went', () => {
    const script = fc.oneof(
      fc.uint8Array({ minLength: 20, maxLength: 20 }).map(p2pkhOfHash),
      fc.uint8Array({ minLength: 20, maxLength: 20 }).map(p2shOfHash),
      fc.uint8Array({ maxLength: 45 }),
    );
    fc.assert(
      fc.property(script, fc.constantFrom(...networks), (bytes, network) => {
        const address = addressOf(bytes, network);
        if (address !== null) expect(scriptOfAddress(address, network)).toEqual({ ok: true, value: bytes });
      }),
    );
    fc.assert(
      fc.property(fc.string(), (text) => {
        expect(scriptOfAddress(text, 'mainnet').ok).toBe(false);
      }),
    );
  });

  it('are for scripts that have one', () => {
    expect(addressOf(fromHex('6a0101'), 'mainnet')).toBeNull();
    expect(addressOf(fromHex('51'), 'mainnet')).toBeNull();
    expect(addressOf(fromHex(`0010${'11'.repeat(16)}`), 'mainnet')).toBeNull();
  });
});
