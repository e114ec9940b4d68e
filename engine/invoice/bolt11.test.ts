import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { nodeId, paymentHash } from '../base/ids.ts';
import { blockDelta, msat, seconds, timestamp, type Scid } from '../base/units.ts';
import { addressOf } from '../bitcoin/address.ts';
import { p2pkhOfHash, p2shOfHash, witnessProgram } from '../bitcoin/script.ts';
import { publicKey, signRecoverable } from '../crypto/secp256k1.ts';
import { bitsOf, withBits } from '../wire/features.ts';
import { decodeBech32, encodeBech32 } from './bech32.ts';
import { FIELD, isExpired, type Bolt11Content, type Bolt11Invoice } from './bolt11.ts';
import { decodeBolt11, LONGEST_INVOICE } from './bolt11-decode.ts';
import { encodeBolt11, encodeFields, fieldsOf } from './bolt11-encode.ts';
import { splitFields } from './bolt11-fields.ts';
import examples from './fixtures/bolt11.json' with { type: 'json' };
import { wordsOfBytes, wordsOfNumber } from './words.ts';

const secret = fromHex(examples.signer);
const sign = (hash: Uint8Array) => signRecoverable(hash, secret);
const networkOf = (text: string) => (/^lntb\d/i.test(text) ? 'testnet4' : 'mainnet');
function read(text: string): Bolt11Invoice {
  const decoded = decodeBolt11(text, networkOf(text));
  if (!decoded.ok) throw new Error(JSON.stringify(decoded.error));
  return decoded.value;
}

const HASH = '0001020304050607080900010203040506070809000102030405060708090102';
const text = (description: string) => ({ tag: 'text', text: description });
const list = {
  tag: 'hash',
  hash: fromHex('3925b6f67e2c340036ed12093dd44e0368df1b6ea26c53dbe4811f58fd5db8c1'),
};
const coffee = { amount: 250_000_000n, expiry: 60 };
const beans = { amount: 2_500_000_000n, description: text('coffee beans'), bits: [8, 14, 99] };
const things = { amount: 2_000_000_000n, description: list };
/** What each valid example says, beyond what they share. */
const SAID: readonly Record<string, unknown>[] = [
  { amount: null, description: text('Please consider supporting this project') },
  { ...coffee, description: text('1 cup coffee') },
  { ...coffee, description: text('ナンセンス 1杯') },
  things,
  { ...things, addresses: ['mk2QpYatsKicvFVuTAQLBryyccRXMUaGHP'] },
  {
    ...things,
    addresses: ['1RustyRX2oai4EYYDpQGWvEL62BBGqN9T'],
    routeHints: [
      [
        {
          nodeId: '029e03a901b85534ff1e92c43c74431f7ce72046060fcf7a95c37e148f78c77255',
          scid: (66_051n << 40n) | (263_430n << 16n) | 1800n,
          feeBase: 1n,
          feeProportionalMillionths: 20,
          cltvExpiryDelta: 3,
        },
        {
          nodeId: '039e03a901b85534ff1e92c43c74431f7ce72046060fcf7a95c37e148f78c77255',
          scid: (197_637n << 40n) | (395_016n << 16n) | 2314n,
          feeBase: 2n,
          feeProportionalMillionths: 30,
          cltvExpiryDelta: 4,
        },
      ],
    ],
  },
  { ...things, addresses: ['3EktnHQD7RiAE6uzMj2ZifT9YgRrkSgzQX'] },
  { ...things, addresses: ['bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4'] },
  { ...things, addresses: ['bc1qrp33g0q5c5txsp9arysrx4k6zdkfs4nce4xj0gdcccefvpysxf3qccfmv3'] },
  { ...things, addresses: ['bc1pptdvg0d2nj99568qn6ssdy4cygnwuxgw2ukmnwgwz7jpqjz2kszse2s3lm'] },
  {
    amount: 967_878_534n,
    timestamp: 1_572_468_703,
    paymentHash: '462264ede7e14047e9b249da94fefc47f41f7d02ee9b091815a5506bc8abf75f',
    description: text(
      'Blockstream Store: 88.85 USD for Blockstream Ledger Nano S x 1, "Back In My Day" Sticker x 2, "I Got Lightning Working" Sticker x 2 and 1 more items',
    ),
    expiry: 604_800,
    minFinalCltvExpiryDelta: 10,
    routeHints: [
      [
        {
          nodeId: '03d06758583bb5154774a6eb221b1276c9e82d65bbaceca806d90e20c108f4b1c7',
          scid: (589_390n << 40n) | (3312n << 16n) | 1n,
          feeBase: 1000n,
          feeProportionalMillionths: 2500,
          cltvExpiryDelta: 40,
        },
      ],
    ],
  },
  beans,
  beans,
  beans,
  {
    amount: 1_000_000_000n,
    description: text('payment metadata inside'),
    paymentMetadata: fromHex('01fafaf0'),
    bits: [8, 14, 48],
  },
  {
    amount: null,
    description: text('Please consider supporting this project'),
    payee: '02d0139ce7427d6dfffd26a326c18be754ef1e64672b42694ba5b23ef6e6e7803d',
  },
];

describe('BOLT 11 §Examples', () => {
  it('has an expectation for each', () => {
    expect(examples.valid.length).toBe(SAID.length);
  });

  it.each(examples.valid.map((example, i) => [example.title, example, SAID[i] ?? {}] as const))(
    '%s',
    (_, example, said) => {
      const { text: own, features, fallbacks, ...invoice } = read(example.invoice);
      const { addresses = [], bits = [8, 14], ...rest } = said;
      expect(invoice).toEqual({
        currency: networkOf(example.invoice) === 'mainnet' ? 'bc' : 'tb',
        timestamp: 1_496_314_658,
        paymentHash: HASH,
        paymentSecret: new Uint8Array(32).fill(0x11),
        expiry: 3600,
        minFinalCltvExpiryDelta: 18,
        routeHints: [],
        paymentMetadata: null,
        payee: examples.payee,
        ...rest,
      });
      expect(bitsOf(features)).toEqual(bits);
      expect(fallbacks.map((script) => addressOf(script, networkOf(example.invoice)))).toEqual(addresses);
      expect(own).toBe(example.invoice.toLowerCase());
    },
  );

  // Fields that must be ignored, and a signature that nobody makes, are not written again.
  const written = examples.valid.filter(({ title }) => !/ignored|high-S/.test(title));
  it.each(written.map(({ title, invoice }) => [title, invoice] as const))(
    'is written again to the letter: %s',
    (_, original) => {
      const invoice = read(original);
      const decoded = decodeBech32(original);
      if (!decoded.ok) throw new Error('bech32');
      const order = splitFields(decoded.value.words.subarray(7, -104))?.map(({ type }) => type) ?? [];
      const ours = fieldsOf(invoice).toSorted((a, b) => order.indexOf(a.type) - order.indexOf(b.type));
      expect(ours.map(({ type }) => type)).toEqual(order);
      expect(encodeFields(invoice, ours, sign)).toBe(original.toLowerCase());
    },
  );
});

describe('BOLT 11 §Examples of Invalid Invoices', () => {
  const invalid = (detail: string) => ({ code: 'invalid-invoice', detail });
  const REFUSED = [
    { code: 'unsupported-feature', bit: 100 },
    { code: 'bad-checksum' },
    invalid('malformed'),
    invalid('malformed'),
    invalid('signature'),
    invalid('too-short'),
    invalid('multiplier'),
    invalid('sub-millisatoshi'),
    invalid('no-payment-secret'),
    invalid('signature'),
  ];
  it.each(examples.invalid.map(({ title, invoice }, i) => [title, invoice, REFUSED[i]] as const))(
    '%s',
    (_, invoice, refusal) => {
      expect(decodeBolt11(invoice, 'mainnet')).toEqual({ ok: false, error: refusal });
    },
  );
});

const content = (over: Partial<Bolt11Content> = {}): Bolt11Content => ({
  currency: 'bcrt',
  amount: msat(1_000_000),
  timestamp: timestamp(1_700_000_000),
  paymentHash: paymentHash(HASH),
  paymentSecret: new Uint8Array(32).fill(9),
  description: { tag: 'text', text: 'tea' },
  expiry: seconds(3600),
  minFinalCltvExpiryDelta: blockDelta(18),
  fallbacks: [],
  routeHints: [],
  features: withBits([8, 14, 17]),
  paymentMetadata: null,
  ...over,
});
const regtest = (over: Partial<Bolt11Content>) => {
  const encoded = encodeBolt11(content(over), sign);
  if (!encoded.ok) throw new Error(encoded.error.code);
  return encoded.value;
};

describe('decodeBolt11 -- refusals', () => {
  /** An invoice whose signature is good over whatever stands in it. */
  const withFields = (fields: readonly { type: number; data: Uint8Array }[]) =>
    encodeFields(content(), fields, sign);
  const good = fieldsOf(content());
  const without = (type: number) => good.filter((field) => field.type !== type);
  const refusal = (invoice: string) => {
    const decoded = decodeBolt11(invoice, 'regtest');
    return decoded.ok ? null : decoded.error;
  };
  const hash = wordsOfBytes(new Uint8Array(32));

  it('accepts the invoice that the others are made from', () => {
    expect(refusal(withFields(good))).toBeNull();
  });

  it.each([
    ['no-payment-hash', without(FIELD.p)],
    ['no-payment-hash', [...without(FIELD.p), { type: FIELD.p, data: hash.subarray(1) }]],
    ['no-payment-secret', without(FIELD.s)],
    ['no-description', without(FIELD.d)],
    ['two-descriptions', [...good, { type: FIELD.h, data: hash }]],
    [
      'description-not-utf8',
      [...without(FIELD.d), { type: FIELD.d, data: wordsOfBytes(Uint8Array.of(0xff)) }],
    ],
    ['field-not-minimal', [...good, { type: FIELD.x, data: Uint8Array.of(0, 5) }]],
    ['field-not-minimal', [...good, { type: FIELD.c, data: Uint8Array.of(0) }]],
    ['field-not-minimal', [{ type: FIELD[9], data: Uint8Array.of(0, 16) }, ...without(FIELD[9])]],
    ['route-hint', [...good, { type: FIELD.r, data: wordsOfBytes(new Uint8Array(51)) }]],
    ['route-hint', [...good, { type: FIELD.r, data: wordsOfBytes(new Uint8Array(50).fill(2)) }]],
    ['route-hint', [...good, { type: FIELD.r, data: new Uint8Array(0) }]],
  ] as const)('%s', (detail, fields) => {
    expect(refusal(withFields(fields))).toEqual({ code: 'invalid-invoice', detail });
  });

  it('refuses a field that runs into the signature', () => {
    const decoded = decodeBech32(withFields(good));
    if (!decoded.ok) throw new Error('bech32');
    const { words, hrp } = decoded.value;
    // The features come last; their length is the second and third word of the field.
    const at = words.length - 104 - 3 - (good.at(-1)?.data.length ?? 0);
    words[at + 2] = (words[at + 2] ?? 0) + 1;
    expect(refusal(encodeBech32({ hrp, words }))).toMatchObject({
      code: 'invalid-invoice',
      detail: 'field-overrun',
    });
  });

  it('says which network it is for', () => {
    const invoice = examples.valid[0]?.invoice ?? '';
    for (const network of ['testnet4', 'signet', 'mutinynet', 'regtest'] as const)
      expect(decodeBolt11(invoice, network)).toEqual({
        ok: false,
        error: { code: 'wrong-network', found: 'mainnet', expected: network },
      });
    const litecoin = encodeBech32({ hrp: 'lnltc1m', words: new Uint8Array(200) });
    expect(refusal(litecoin)).toEqual({ code: 'wrong-network', found: 'ltc', expected: 'regtest' });
    expect(decodeBolt11(regtest({ currency: 'tbs' }), 'mutinynet').ok).toBe(true);
  });

  it('refuses what is not an invoice, and what is longer than any', () => {
    expect(refusal(encodeBech32({ hrp: 'bcrt', words: new Uint8Array(33) }))).toMatchObject({
      detail: 'not-an-invoice',
    });
    expect(refusal('l'.repeat(LONGEST_INVOICE + 1))).toEqual({
      code: 'input-too-long',
      length: LONGEST_INVOICE + 1,
      limit: LONGEST_INVOICE,
    });
    for (const junk of ['', '1', 'ln1', 'lnbcrt1', 'ナ1qqqqqqq'])
      expect(refusal(junk)).toMatchObject({ detail: 'malformed' });
  });

  it('takes another signature for another payee, never for the named one', () => {
    const named = { type: FIELD.n, data: wordsOfBytes(fromHex(examples.payee)) };
    expect(refusal(withFields([...good, named]))).toBeNull();
    const other = (hash32: Uint8Array) => signRecoverable(hash32, new Uint8Array(32).fill(1));
    expect(refusal(encodeFields(content(), [...good, named], other))).toMatchObject({ detail: 'signature' });
    const decoded = decodeBolt11(encodeFields(content(), good, other), 'regtest');
    expect(decoded.ok && decoded.value.payee).toBe(toHex(publicKey(new Uint8Array(32).fill(1))));
  });

  it('refuses every required feature that it does not know, and no optional one', () => {
    for (const bit of [8, 14, 16, 36, 48, 99, 149, 1001])
      expect(refusal(regtest({ features: withBits([8, 14, bit]) }))).toBeNull();
    for (const bit of [38, 100, 148, 1000])
      expect(refusal(regtest({ features: withBits([8, 14, bit]) }))).toEqual({
        code: 'unsupported-feature',
        bit,
      });
  });

  it('skips fallbacks of unknown versions and lengths', () => {
    const of = (version: number, length: number) => ({
      type: FIELD.f,
      data: Uint8Array.of(version, ...wordsOfBytes(new Uint8Array(length))),
    });
    const skipped = [
      of(17, 19),
      of(18, 21),
      of(0, 21),
      of(1, 41),
      of(1, 1),
      of(19, 20),
      of(31, 32),
      { type: FIELD.f, data: new Uint8Array(0) },
    ];
    const decoded = decodeBolt11(withFields([...good, ...skipped, of(2, 2)]), 'regtest');
    expect(decoded.ok && decoded.value.fallbacks).toEqual([witnessProgram(2, new Uint8Array(2))]);
  });

  it('bounds numbers that nobody means', () => {
    const long = { type: FIELD.x, data: new Uint8Array(1023).fill(31) };
    const delta = { type: FIELD.c, data: wordsOfNumber(2 ** 40) };
    const decoded = decodeBolt11(withFields([...good, long, delta]), 'regtest');
    expect(decoded).toMatchObject({ value: { expiry: 2 ** 40, minFinalCltvExpiryDelta: 0xffff_ffff } });
  });
});

describe('expiry', () => {
  it('ends after timestamp plus expiry', () => {
    const invoice = content({ expiry: seconds(60) });
    expect(isExpired(invoice, timestamp(1_700_000_060))).toBe(false);
    expect(isExpired(invoice, timestamp(1_700_000_061))).toBe(true);
  });
});

describe('encodeBolt11', () => {
  it('refuses a description that does not fit', () => {
    expect(
      encodeBolt11(content({ description: { tag: 'text', text: 'é'.repeat(320) } }), sign),
    ).toMatchObject({
      error: { code: 'invalid-argument', field: 'description' },
    });
    expect(encodeBolt11(content({ description: { tag: 'text', text: 'é'.repeat(319) } }), sign).ok).toBe(
      true,
    );
  });

  it('writes what it reads', () => {
    const bytes = (length: number) => fc.uint8Array({ minLength: length, maxLength: length });
    const hop = fc.record({
      nodeId: bytes(32).map((x) => nodeId(`02${toHex(x)}`)),
      scid: fc.bigInt(0n, 2n ** 64n - 1n).map((id) => id as Scid),
      feeBase: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(msat),
      feeProportionalMillionths: fc.integer({ min: 0, max: 2 ** 32 - 1 }),
      cltvExpiryDelta: fc.integer({ min: 0, max: 65_535 }).map(blockDelta),
    });
    const arbitrary: fc.Arbitrary<Bolt11Content> = fc.record({
      currency: fc.constant('bcrt' as const),
      amount: fc.option(fc.bigInt(1n, 2_100_000_000_000_000_000n).map(msat)),
      timestamp: fc.integer({ min: 0, max: 2 ** 35 - 1 }).map(timestamp),
      paymentHash: bytes(32).map((x) => paymentHash(toHex(x))),
      paymentSecret: bytes(32),
      description: fc.oneof(
        fc.string({ maxLength: 100, unit: 'grapheme' }).map((s) => ({ tag: 'text', text: s }) as const),
        bytes(32).map((x) => ({ tag: 'hash', hash: x }) as const),
      ),
      expiry: fc.integer({ min: 0, max: 2 ** 32 }).map(seconds),
      minFinalCltvExpiryDelta: fc.integer({ min: 0, max: 2 ** 32 - 1 }).map(blockDelta),
      fallbacks: fc.array(
        fc.oneof(
          bytes(20).map(p2pkhOfHash),
          bytes(20).map(p2shOfHash),
          bytes(20).map((x) => witnessProgram(0, x)),
          fc
            .tuple(fc.integer({ min: 1, max: 16 }), fc.uint8Array({ minLength: 2, maxLength: 40 }))
            .map(([v, x]) => witnessProgram(v, x)),
        ),
        { maxLength: 3 },
      ),
      routeHints: fc.array(fc.array(hop, { minLength: 1, maxLength: 4 }), { maxLength: 3 }),
      features: fc
        .uniqueArray(fc.integer({ min: 50, max: 500 }).map((n) => 2 * n + 1))
        .map((bits) => withBits([8, 14, ...bits])),
      paymentMetadata: fc.option(fc.uint8Array({ maxLength: 100 })),
    });
    fc.assert(
      fc.property(arbitrary, (wanted) => {
        const encoded = encodeBolt11(wanted, sign);
        if (!encoded.ok) throw new Error(encoded.error.code);
        expect(decodeBolt11(encoded.value.toUpperCase(), 'regtest')).toEqual({
          ok: true,
          value: { ...wanted, features: expect.any(Uint8Array), payee: examples.payee, text: encoded.value },
        });
        const decoded = decodeBolt11(encoded.value, 'regtest');
        expect(decoded.ok && bitsOf(decoded.value.features)).toEqual(bitsOf(wanted.features));
      }),
      { numRuns: 30 },
    );
  });

  it('never throws at mutated or truncated text', () => {
    const { invoice = '' } = examples.valid[5] ?? {};
    fc.assert(
      fc.property(
        fc.nat(invoice.length - 1),
        fc.constantFrom('q', 'p', 'z', '9', 'x', '1', 'l', 'b', ' ', 'é', 'Q'),
        fc.nat(invoice.length),
        (at, letter, cut) => {
          const mutated = invoice.slice(0, at) + letter + invoice.slice(at + 1);
          const decoded = decodeBolt11(mutated, 'mainnet');
          expect(decoded.ok).toBe(mutated === invoice);
          expect(decodeBolt11(invoice.slice(0, cut), 'mainnet').ok).toBe(cut === invoice.length);
        },
      ),
      { numRuns: 200 },
    );
  });

  it('never throws at any words with a right checksum', () => {
    fc.assert(
      fc.property(
        fc.uint8Array({ max: 31, maxLength: 400 }),
        fc.constantFrom('lnbc', 'lnbc1', 'lnbc25m', 'ln', 'lnbc10p'),
        (words, hrp) => {
          expect(decodeBolt11(encodeBech32({ hrp, words }), 'mainnet').ok).toBe(false);
        },
      ),
      { numRuns: 200 },
    );
  });
});

describe('bLIP 39 -- blinded paths', () => {
  const VECTOR =
    'lnbc20m1pvjluezpp5qqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqqqsyqcyq5rqwzqfqypqdq5xysxxatsyp3k7enxv4js5fdqqqqq2qqqqqpgqyzqqqqqqqqqqqqyqqqqqqqqqqqvsqqqqlnxy0ffrlt2y2jgtzw89kgr3zg4dlwtlfycn3yuek8x5eucnuchqps82xf0m2u6sx5wnjw7xxgnxz5kf09quqsv5zvkgj7d5kpzttp4qz7q5qsyqcyq5pzq2feycsemrh7wvendc4kw3tsmkt25a36ev6kfehrv7ecfkrp5zs9q5zqxqspqtr4avek5quzjn427asptzews5wrczfhychr2sq6ue9phmn35tjqcrspqgpsgpgxquyqjzstpsxsu59zqqqqqpqqqqqqyqq2qqqqqqqqqqqqqqqqqqqqqqqqpgqqqqk8t6endgpc99824amqzk9japgu8synwf3wx4qp4ej2r0h8rghypsqsygpf8ynzr8vwleenxdhzke69wrwed2nk8t9n2e8xudnm8pxcvxs2q5qsyqcyq5y4rdlhtf84f8rgdj34275juwls2ftxtcfh035863q3p9k6s94hpxhdmzfn5gxpsazdznxs56j4vt3fdhe00g9v2l3szher50hp4xlggqkxf77f';
  const vector = read(VECTOR);
  const [long, short] = vector.blindedPaths ?? [];
  const blinded = { paymentSecret: null, features: withBits([8, 17, 263]) };
  const refused = (over: Partial<Bolt11Content>, fields = fieldsOf(content(over))) => {
    const decoded = decodeBolt11(encodeFields(content(over), fields, sign), 'regtest');
    return decoded.ok ? null : decoded.error;
  };
  const fault = { code: 'invalid-invoice', detail: 'blinded-path' };
  if (long === undefined || short === undefined) throw new Error('two paths');

  it('reads the two of its vector, which has no payment secret', () => {
    expect(vector).toMatchObject({ paymentSecret: null, amount: 2_000_000_000n, paymentHash: HASH });
    expect(
      toHex(publicKey(fromHex('e126f68f7eafcc8b74f54d269fe206be715000f94dac067d1c04a8ca3b2db734'))),
    ).toBe(vector.payee);
    expect(long.tail.payInfo).toEqual({
      feeBase: 40n,
      feeProportionalMillionths: 20,
      cltvExpiryDelta: 130,
      htlcMinimum: 2n,
      htlcMaximum: 100n,
    });
    const { path } = long.tail;
    expect(toHex(path.firstNodeId)).toBe(
      '03a8c97ed5cd40d474e4ef18c899854b25e5070106504cb225e6d2c112d61a805e',
    );
    expect(toHex(path.firstPathKey)).toBe(
      '03f3311e948feb5115242c4e396c81c448ab7ee5fd24c4e24e66c73533cc4f98b8',
    );
    expect(path.hops.map((hop) => toHex(hop.encryptedRecipientData))).toEqual([
      '0102030405',
      '0504030201',
      '0102030405060708090a0b0c0d0e',
    ]);
    expect(toHex(path.hops[2]?.blindedNodeId ?? new Uint8Array())).toBe(
      '02c75eb336a038294eaaf760158b2e851c3c0937262e35401ae64a1bee71a2e40c',
    );
    expect(short.tail.path.hops).toHaveLength(1);
    expect(short.tail.payInfo).toMatchObject({ feeBase: 4n, htlcMaximum: 10n });
  });

  it('writes and reads them', () => {
    const paths = [long, short] as const;
    const decoded = decodeBolt11(regtest({ ...blinded, blindedPaths: paths }), 'regtest');
    expect(decoded.ok && decoded.value).toMatchObject({ paymentSecret: null, blindedPaths: paths });
  });

  it('refuses what stands beside them and may not, and keys that are no points', () => {
    const blindedPaths = [long] as const;
    expect(refused({ ...blinded, blindedPaths })).toBeNull();
    expect(refused({ ...blinded, blindedPaths, paymentSecret: new Uint8Array(32) })).toEqual(fault);
    const data = fieldsOf(content({ ...blinded, blindedPaths })).find(({ type }) => type === FIELD.b)?.data;
    const withB = (words: Uint8Array) => [...fieldsOf(content(blinded)), { type: FIELD.b, data: words }];
    expect(refused(blinded, withB((data ?? new Uint8Array()).slice(0, -8)))).toEqual(fault);
    expect(refused(blinded, withB(new Uint8Array(0)))).toEqual(fault);
    const bent = {
      ...long.tail,
      path: { ...long.tail.path, firstPathKey: fromHex(`02${'00'.repeat(31)}05`) },
    };
    expect(refused({ ...blinded, blindedPaths: [{ ...long, tail: bent }] })).toEqual(fault);
  });

  it('takes the paths that ask for what it can, and refuses an invoice of others', () => {
    const strange = { ...long, features: withBits([100]) };
    const decoded = decodeBolt11(regtest({ ...blinded, blindedPaths: [strange, short] }), 'regtest');
    expect(decoded.ok && decoded.value.blindedPaths).toEqual([short]);
    expect(refused({ ...blinded, blindedPaths: [strange] })).toEqual({
      code: 'unsupported-feature',
      bit: 100,
    });
    expect(refused({ ...blinded, features: withBits([8, 262]), blindedPaths: [short] })).toBeNull();
  });
});
