import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { paymentHash } from '../base/ids.ts';
import { blockDelta, blockHeight, msat } from '../base/units.ts';
import { sha256 } from '../crypto/hash.ts';
import { publicKey, tryEcdh } from '../crypto/secp256k1.ts';
import { blindPath } from './blinding.ts';
import { decodeFailure, FAILURE_CODES } from './failure.ts';
import { openFailure } from './failure-onion.ts';
import vector from './fixtures/blinded-payment-onion.json' with { type: 'json' };
import { openHtlc, type OnionHtlc } from './instruction.ts';
import { decodePayload, encodePayload, type PaymentPayload } from './payload.ts';
import { encodeRecipientData, type RecipientData } from './recipient-data.ts';
import { failureOf } from './refusal.ts';
import { buildOnion } from './sphinx.ts';

const secret = new Uint8Array(32).fill(0x51);
const ecdh = (point: Uint8Array) => tryEcdh(secret, point);
const hash = paymentHash('42'.repeat(32));
const sessionKey = new Uint8Array(32).fill(0x52);

/** An HTLC whose onion gives us `payload`; `to` is a next hop, when we are not the last. */
function htlcWith(payload: Uint8Array, extra: Partial<OnionHtlc> = {}, to?: Uint8Array): OnionHtlc {
  const hops = [{ nodeId: publicKey(secret), payload }];
  if (to !== undefined) hops.push({ nodeId: to, payload: new Uint8Array(2) });
  const onion = buildOnion(sessionKey, hops, fromHex(hash));
  if (!onion.ok) throw new Error('too long');
  return {
    amount: msat(1000),
    cltvExpiry: blockHeight(100),
    paymentHash: hash,
    onion: onion.value.packet,
    ...extra,
  };
}
const final: PaymentPayload = { amtToForward: msat(1000), outgoingCltvValue: blockHeight(100) };
const nextNode = publicKey(new Uint8Array(32).fill(0x53));
const open = (payload: PaymentPayload, to?: Uint8Array, extra: Partial<OnionHtlc> = {}) =>
  openHtlc(htlcWith(encodePayload(payload), extra, to), ecdh);

describe('the blinded payment of BOLT 4', () => {
  it('is built to the byte', () => {
    const hops = vector.hops.map((hop) => ({ nodeId: fromHex(hop.nodeId), payload: fromHex(hop.payload) }));
    const onion = buildOnion(fromHex(vector.sessionKey), hops, fromHex(vector.associatedData));
    expect(onion.ok && toHex(onion.value.packet)).toBe(vector.hops[0]?.onion);
  });

  it('is read by each hop as the recipient wanted', () => {
    const htlcs = [
      { amount: 110_125, cltvExpiry: 749_150 },
      { amount: 110_125, cltvExpiry: 749_150 },
      { amount: 100_125, cltvExpiry: 749_100 },
      { amount: 100_010, cltvExpiry: 749_025 },
      { amount: 100_000, cltvExpiry: 749_000 },
    ];
    let pathKey: Uint8Array | null = null;
    vector.hops.forEach((hop, i) => {
      const { amount = 0, cltvExpiry = 0 } = htlcs[i] ?? {};
      const opened = openHtlc(
        {
          amount: msat(amount),
          cltvExpiry: blockHeight(cltvExpiry),
          paymentHash: hash,
          onion: fromHex(hop.onion),
          ...(pathKey === null ? {} : { pathKey }),
        },
        (point) => tryEcdh(fromHex(hop.nodeSecret), point),
      );
      if (!opened.ok) throw new Error(`${i}: ${opened.error.tag}`);
      const next = htlcs[i + 1];
      if (next === undefined) {
        expect(opened.value).toMatchObject({
          tag: 'receive',
          amount: 100_000n,
          total: 150_000n,
          cltvExpiry: 749_000,
          pathId: fromHex('c9cf92f45ade68345bc20ae672e2012f4af487ed4415'),
          blinding: 'inside',
        });
        return;
      }
      expect(opened.value).toMatchObject({
        tag: 'forward',
        amount: BigInt(next.amount),
        cltvExpiry: next.cltvExpiry,
        next: { by: 'channel', scid: [10n, 1n, 2n, 3n][i] },
        nextOnion: fromHex(vector.hops[i + 1]?.onion ?? ''),
        blinding: (['none', 'introduction', 'inside', 'inside'] as const)[i],
      });
      if (opened.value.tag !== 'forward') throw new Error('not forwarded');
      pathKey = opened.value.nextPathKey;
      expect(pathKey && toHex(pathKey)).toBe(hop.nextPathKey ?? null);
    });
  });

  it('writes the payloads it reads', () => {
    for (const { payload } of vector.hops) {
      const decoded = decodePayload(fromHex(payload));
      expect(decoded.ok && toHex(encodePayload(decoded.value))).toBe(payload);
    }
  });
});

describe('payload -- final node', () => {
  it('reads every record, and keeps unknown odd ones', () => {
    const payload: PaymentPayload = {
      ...final,
      paymentData: { paymentSecret: new Uint8Array(32).fill(1), total: msat(3000) },
      paymentMetadata: fromHex('01fafaf0'),
      keysendPreimage: new Uint8Array(32).fill(2),
      custom: [
        { type: 65_537n, value: fromHex('aa') },
        { type: 7_629_169n, value: fromHex('bbcc') },
      ],
    };
    expect(open(payload)).toMatchObject({
      ok: true,
      value: {
        tag: 'receive',
        amount: 1000n,
        total: 3000n,
        cltvExpiry: 100,
        paymentSecret: new Uint8Array(32).fill(1),
        paymentMetadata: fromHex('01fafaf0'),
        keysendPreimage: new Uint8Array(32).fill(2),
        pathId: null,
        custom: payload.custom,
      },
    });
  });

  it('takes amt_to_forward for the total when there is no payment_data', () => {
    expect(open(final)).toMatchObject({ value: { total: 1000n, paymentSecret: null, custom: [] } });
  });

  it.each([
    ['amt_to_forward is missing', { outgoingCltvValue: blockHeight(100) }, 2n],
    ['outgoing_cltv_value is missing', { amtToForward: msat(1000) }, 4n],
    ['current_path_key stands alone', { ...final, currentPathKey: nextNode }, 10n],
  ] as const)('refuses the payload when %s', (_, payload, type) => {
    expect(open(payload)).toMatchObject({
      ok: false,
      error: { tag: 'failed', failure: { name: 'invalid_onion_payload', type } },
    });
  });

  // BOLT 2 §update_add_htlc: "MUST follow the requirements for the reader of `payload` in Payload Format"
  it.each([
    ['an unknown even record', '020203e804016464010a', 100n, 9],
    ['records out of order', '04016402020 3e8'.replace(' ', ''), 0n, 4],
    ['a record cut off', '020203e8040564', 0n, 6],
    ['an amount that is not minimal', '02030003e8040164', 2n, 3],
    ['a payment_data that is too short', '020203e80401640803aabbcc', 8n, 9],
  ])('refuses %s and says where', (_, hex, type, offset) => {
    expect(openHtlc(htlcWith(fromHex(hex)), ecdh)).toMatchObject({
      error: { tag: 'failed', failure: { name: 'invalid_onion_payload', type, offset } },
    });
  });

  it('refuses in a way that the payer can open', () => {
    const htlc = htlcWith(encodePayload({ amtToForward: msat(1) }));
    const opened = openHtlc(htlc, ecdh);
    if (opened.ok || opened.error.tag !== 'failed') throw new Error('accepted');
    const failure = openFailure([opened.error.sharedSecret], failureOf(opened.error).reason);
    expect(failure?.hop).toBe(0);
    expect(decodeFailure(failure?.message ?? new Uint8Array())).toMatchObject({
      name: 'invalid_onion_payload',
    });
  });

  // BOLT 2 §update_add_htlc: "If decryption fails, the result is not a valid `payload` TLV, or it contains unknown even
  // types: MUST respond with an error"
  it('answers an onion that it cannot peel with update_fail_malformed_htlc', () => {
    const htlc = { ...htlcWith(encodePayload(final)), paymentHash: paymentHash('43'.repeat(32)) };
    expect(openHtlc(htlc, ecdh)).toEqual({
      ok: false,
      error: {
        tag: 'malformed',
        failureCode: FAILURE_CODES.invalid_onion_hmac,
        onionHash: sha256(htlc.onion),
      },
    });
  });
});

describe('payload -- forwarding node', () => {
  it('reads where to', () => {
    expect(open({ ...final, shortChannelId: 7n as never }, nextNode)).toMatchObject({
      value: {
        tag: 'forward',
        amount: 1000n,
        cltvExpiry: 100,
        next: { by: 'channel', scid: 7n },
        nextPathKey: null,
      },
    });
  });

  it('refuses without short_channel_id', () => {
    expect(open(final, nextNode)).toMatchObject({
      error: { tag: 'failed', failure: { name: 'invalid_onion_payload', type: 6n } },
    });
  });
});

describe('payload -- blinded', () => {
  const relay = { cltvExpiryDelta: blockDelta(10), feeProportionalMillionths: 0, feeBase: msat(100) };
  const forwarding: RecipientData = { shortChannelId: 7n as never, paymentRelay: relay };
  /** Our part of a path that starts with us, and its key. */
  const blinded = (data: RecipientData) => {
    const { path } = blindPath(new Uint8Array(32).fill(0x54), [
      { nodeId: publicKey(secret), data: encodeRecipientData(data) },
    ]);
    return {
      encryptedRecipientData: path.hops[0]?.encryptedRecipientData ?? new Uint8Array(),
      currentPathKey: path.firstPathKey,
    };
  };
  const introduction = (data: RecipientData, more: PaymentPayload = {}) =>
    open({ ...blinded(data), ...more }, nextNode);
  const end = (data: RecipientData, more: PaymentPayload = {}) =>
    open({ ...blinded(data), ...final, totalAmount: msat(1000), ...more });
  const blindingError = {
    error: { tag: 'failed', failure: { name: 'invalid_onion_blinding' } },
  };

  it('accepts what the recipient wrote', () => {
    expect(introduction(forwarding)).toMatchObject({
      value: { tag: 'forward', amount: 900n, cltvExpiry: 90, blinding: 'introduction' },
    });
    expect(introduction({ nextNodeId: nextNode, paymentRelay: relay })).toMatchObject({
      value: { next: { by: 'node', nodeId: nextNode } },
    });
    expect(end({ pathId: fromHex('aa') })).toMatchObject({
      value: { tag: 'receive', pathId: fromHex('aa'), total: 1000n, isFinal: true },
    });
  });

  // BOLT 2 §Removing an HTLC: "If `current_path_key` is set in the onion payload and it is not the final node: MUST
  // send"
  it.each([
    [
      'the HTLC expires after max_cltv_expiry',
      { paymentConstraints: { maxCltvExpiry: blockHeight(99), htlcMinimum: msat(0) } },
    ],
    [
      'the amount is below htlc_minimum_msat',
      { paymentConstraints: { maxCltvExpiry: blockHeight(100), htlcMinimum: msat(1001) } },
    ],
    ['a feature is asked for, even an odd one', { allowedFeatures: fromHex('02') }],
    ['there are two next hops', { nextNodeId: nextNode }],
    ['payment_relay is missing', { paymentRelay: undefined }],
    ['there is no next hop', { shortChannelId: undefined }],
    ['the fee is more than the HTLC', { paymentRelay: { ...relay, feeBase: msat(1001) } }],
    ['the delta is more than the expiry', { paymentRelay: { ...relay, cltvExpiryDelta: blockDelta(101) } }],
  ])('an introduction node answers invalid_onion_blinding when %s', (_, change) => {
    const data: Record<string, unknown> = { ...forwarding, ...change };
    for (const [key, value] of Object.entries(data)) if (value === undefined) delete data[key];
    expect(introduction(data)).toMatchObject(blindingError);
  });

  it('allows features that are all zero, and constraints that are met', () => {
    expect(
      introduction({
        ...forwarding,
        allowedFeatures: fromHex('0000'),
        paymentConstraints: { maxCltvExpiry: blockHeight(100), htlcMinimum: msat(1000) },
      }).ok,
    ).toBe(true);
  });

  it('refuses any other record beside', () => {
    expect(introduction(forwarding, { amtToForward: msat(1) })).toMatchObject(blindingError);
    expect(introduction(forwarding, { custom: [{ type: 99n, value: new Uint8Array() }] })).toMatchObject(
      blindingError,
    );
    expect(end({}, { paymentMetadata: new Uint8Array(1) })).toMatchObject({
      error: { tag: 'failed', failure: { name: 'invalid_onion_payload' } },
    });
  });

  it.each(['amtToForward', 'outgoingCltvValue', 'totalAmount'] as const)('a final node needs %s', (name) => {
    const payload = { ...blinded({}), ...final, totalAmount: msat(1000) };
    delete (payload as Partial<typeof payload>)[name];
    expect(open(payload)).toMatchObject({ error: { tag: 'failed' } });
  });

  // BOLT 2 §Removing an HTLC: "If `path_key` is set in the incoming `update_add_htlc`: MUST send an
  // `update_fail_malformed_htlc` error using the `invalid_onion_blinding` failure code"
  it('needs exactly one path key', () => {
    const { currentPathKey, encryptedRecipientData } = blinded(forwarding);
    const inside = { tag: 'malformed', failureCode: FAILURE_CODES.invalid_onion_blinding };
    expect(open({ encryptedRecipientData }, nextNode)).toMatchObject({ ok: false });
    const { path } = blindPath(new Uint8Array(32).fill(0x54), [
      { nodeId: publicKey(secret), data: new Uint8Array() },
    ]);
    const blindedId = path.hops[0]?.blindedNodeId ?? nextNode;
    const onion = buildOnion(
      sessionKey,
      [{ nodeId: blindedId, payload: encodePayload({ encryptedRecipientData, currentPathKey }) }],
      fromHex(hash),
    );
    if (!onion.ok) throw new Error('too long');
    const htlc = { ...htlcWith(encodePayload(final)), onion: onion.value.packet, pathKey: path.firstPathKey };
    expect(openHtlc(htlc, ecdh)).toMatchObject({ error: inside });
    // Without a blinded onion inside, it is not even ours to peel.
    expect(open(final, undefined, { pathKey: currentPathKey })).toMatchObject({ error: inside });
  });

  it('refuses data that it cannot decrypt', () => {
    const { currentPathKey, encryptedRecipientData } = blinded(forwarding);
    encryptedRecipientData[0] = (encryptedRecipientData[0] ?? 0) ^ 1;
    expect(open({ encryptedRecipientData, currentPathKey }, nextNode)).toMatchObject(blindingError);
  });
});
