import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { attribute, ATTRIBUTION_LENGTH, readAttribution } from './attribution.ts';
import attributed from './fixtures/attribution.json' with { type: 'json' };
import vector from './fixtures/failure-onion.json' with { type: 'json' };
import { buildFailure, failureLayers, failurePacket, openFailure, wrapFailure } from './failure-onion.ts';
import { ammagKey, umKey } from './key.ts';

const secretsOf = (hops: readonly { sharedSecret: string }[]) => hops.map((hop) => fromHex(hop.sharedSecret));

describe('failure onions', () => {
  const secrets = secretsOf(vector.hops);
  const last = secrets[4] ?? new Uint8Array();

  it('derives the keys of BOLT 4', () => {
    vector.hops.forEach((hop) => expect(toHex(ammagKey(fromHex(hop.sharedSecret)))).toBe(hop.ammag));
    expect(toHex(umKey(last))).toBe(vector.um);
  });

  it('builds and wraps the packet of BOLT 4', () => {
    let packet = buildFailure(last, fromHex(vector.message));
    for (const secret of secrets.slice(0, 4).reverse()) packet = wrapFailure(secret, packet);
    expect(toHex(packet)).toBe(vector.packet);
  });

  it('opens it and names the hop that failed', () => {
    expect(openFailure(secrets, fromHex(vector.packet))).toEqual({
      hop: 4,
      message: fromHex(vector.message),
    });
  });

  it('opens nothing that was changed, or that is garbage of any length', () => {
    const packet = fromHex(vector.packet);
    packet[100] = (packet[100] ?? 0) ^ 1;
    expect(openFailure(secrets, packet)).toBeNull();
    for (const length of [0, 1, 32, 35, 36, 292, 1000])
      expect(openFailure(secrets, new Uint8Array(length))).toBeNull();
  });

  it('opens a failure of every hop of a route of 27', () => {
    const route = Array.from({ length: 27 }, (_, i) => new Uint8Array(32).fill(i + 1));
    for (const erring of [0, 1, 13, 26]) {
      let packet = buildFailure(route[erring] ?? last, fromHex('400f'));
      for (let hop = erring - 1; hop >= 0; hop--) packet = wrapFailure(route[hop] ?? last, packet);
      expect(openFailure(route, packet)).toEqual({ hop: erring, message: fromHex('400f') });
    }
  });
});

describe('attribution data', () => {
  const secrets = secretsOf(attributed.hops);

  it('matches BOLT 4 for a failure, at every hop on its way back', () => {
    const erring = attributed.hops[4];
    if (erring === undefined) throw new Error('no hop');
    let packet = failurePacket(
      fromHex(erring.sharedSecret),
      fromHex(attributed.message),
      attributed.paddedLength,
    );
    expect(toHex(packet)).toBe(attributed.rawPacket);
    let data: Uint8Array | null = null;
    for (const hop of attributed.hops.toReversed()) {
      data = attribute(fromHex(hop.sharedSecret), packet, hop.holdTime, data);
      packet = wrapFailure(fromHex(hop.sharedSecret), packet);
      expect(toHex(packet)).toBe(hop.failure);
      expect(toHex(data)).toBe(hop.failureAttribution);
    }
  });

  it('matches BOLT 4 for a fulfilled payment', () => {
    let data: Uint8Array | null = null;
    for (const hop of attributed.hops.toReversed()) {
      data = attribute(fromHex(hop.sharedSecret), new Uint8Array(0), hop.holdTime, data);
      expect(toHex(data)).toBe(hop.successAttribution);
    }
  });

  const first = attributed.hops[0];
  const reason = fromHex(first?.failure ?? '');
  const received = fromHex(first?.failureAttribution ?? '');

  it('gives the payer the hold times', () => {
    expect(openFailure(secrets, reason)?.hop).toBe(4);
    expect(readAttribution(secrets, failureLayers(secrets, reason), received)).toEqual({
      holdTimes: [5, 4, 3, 2, 1],
      brokenAt: null,
    });
    expect(
      readAttribution(
        secrets,
        secrets.map(() => new Uint8Array(0)),
        fromHex(first?.successAttribution ?? ''),
      ).holdTimes,
    ).toEqual([5, 4, 3, 2, 1]);
  });

  it('blames the hop that changed the failure', () => {
    const third = attributed.hops[2];
    if (third === undefined) throw new Error('no hop');
    let packet = fromHex(third.failure);
    packet[50] = (packet[50] ?? 0) ^ 1;
    let data: Uint8Array = fromHex(third.failureAttribution);
    for (const hop of attributed.hops.slice(0, 2).reverse()) {
      data = attribute(fromHex(hop.sharedSecret), packet, hop.holdTime, data);
      packet = wrapFailure(fromHex(hop.sharedSecret), packet);
    }
    expect(openFailure(secrets, packet)).toBeNull();
    expect(readAttribution(secrets, failureLayers(secrets, packet), data)).toEqual({
      holdTimes: [5, 4],
      brokenAt: 2,
    });
  });

  it('says at once that data of another length is nobody’s', () => {
    expect(readAttribution(secrets, failureLayers(secrets, reason), received.slice(1)).brokenAt).toBe(0);
    expect(received.length).toBe(ATTRIBUTION_LENGTH);
  });
});
