import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { sat } from '../base/units.ts';
import { formatBitcoinAmount, parseBitcoinAmount } from './bitcoin-amount.ts';
import { buildBip21, parseBip21 } from './bip21.ts';
import examples from './fixtures/bolt11.json' with { type: 'json' };
import { parseNodeUri } from './node-uri.ts';
import { LONGEST_PASTE, parsePaste } from './paste.ts';

const invoice = examples.valid[1]?.invoice ?? '';
const testnetInvoice = examples.valid[4]?.invoice ?? '';
const broken = examples.invalid[1]?.invoice ?? '';
const segwit = 'bc1qw508d6qejxtdg4y5r3zarvary0c5xw7kv8f3t4';
const taproot = 'bc1pptdvg0d2nj99568qn6ssdy4cygnwuxgw2ukmnwgwz7jpqjz2kszse2s3lm';
const legacy = '1RustyRX2oai4EYYDpQGWvEL62BBGqN9T';
const nodeId = examples.payee;

const paste = (text: string) => parsePaste(text, 'mainnet');
const isInvoice = { ok: true, value: { kind: 'bolt11', invoice: { text: invoice, amount: 250_000_000n } } };

describe('parsePaste -- invoices', () => {
  it.each([
    ['bare', invoice],
    ['upper case', invoice.toUpperCase()],
    ['with a scheme', `lightning:${invoice}`],
    ['with a scheme in upper case', `LIGHTNING:${invoice.toUpperCase()}`],
    ['with slashes', `lightning://${invoice}`],
    ['with the scheme that browsers let pages have', `web+lightning:${invoice}`],
    ['with space around', `  \n${invoice}\t `],
    ['broken over lines', invoice.replace(/.{60}/g, '$&\r\n  ')],
    ['with invisible characters', `\ufeff${invoice.slice(0, 30)}\u200b${invoice.slice(30)}`],
    ['in a link', `https://example.com/pay?x=1&lightning=${invoice.toUpperCase()}&y=2`],
  ])('%s', (_, text) => {
    expect(paste(text)).toMatchObject(isInvoice);
  });

  it.each([
    ['of another network', testnetInvoice, { code: 'wrong-network', found: 'testnet4', expected: 'mainnet' }],
    ['mistyped', broken, { code: 'bad-checksum' }],
    ['cut off', invoice.slice(0, -10), { code: 'bad-checksum' }],
    ['in mixed case', `L${invoice.slice(1)}`, { code: 'invalid-invoice', detail: 'malformed' }],
    [
      'with a required feature',
      examples.invalid[0]?.invoice ?? '',
      { code: 'unsupported-feature', bit: 100 },
    ],
  ])('refuses one %s', (_, text, error) => {
    expect(paste(text)).toEqual({ ok: false, error });
  });
});

describe('parsePaste -- addresses', () => {
  it.each([segwit, taproot, legacy, '3EktnHQD7RiAE6uzMj2ZifT9YgRrkSgzQX'])('%s', (address) => {
    expect(paste(address)).toMatchObject({ value: { kind: 'address', onchain: { address } } });
  });

  it('gives upper case back in lower case', () => {
    expect(paste(segwit.toUpperCase())).toMatchObject({ value: { onchain: { address: segwit } } });
  });

  it.each([
    [
      'of another network',
      'mk2QpYatsKicvFVuTAQLBryyccRXMUaGHP',
      { code: 'wrong-network', found: 'testnet4', expected: 'mainnet' },
    ],
    ['mistyped', `${segwit.slice(0, -1)}5`, { code: 'bad-checksum' }],
    ['mistyped with what no address has', `${segwit.slice(0, -1)}1`, { code: 'bad-checksum' }],
    ['cut off', segwit.slice(0, 20), { code: 'bad-checksum' }],
    ['mistyped in base58', `${legacy.slice(0, -1)}U`, { code: 'bad-checksum' }],
  ])('refuses one %s', (_, text, error) => {
    expect(paste(text)).toEqual({ ok: false, error });
  });
});

describe('parsePaste -- nodes', () => {
  it.each([
    [nodeId, null, null],
    [`${nodeId}@203.0.113.7`, '203.0.113.7', 9735],
    [`${nodeId.toUpperCase()}@Node.Example.com:19735`, 'node.example.com', 19_735],
    [`${nodeId}@[2001:db8::1]:9736`, '2001:db8::1', 9736],
    [`${nodeId}@${'a'.repeat(56)}.onion:9735`, `${'a'.repeat(56)}.onion`, 9735],
  ])('%s', (text, host, port) => {
    expect(paste(text)).toEqual({ ok: true, value: { kind: 'node', node: { nodeId, host, port } } });
  });

  it.each([
    `${nodeId}@`,
    `${nodeId}@host:0`,
    `${nodeId}@host:65536`,
    `${nodeId}@ho st`,
    `${nodeId}@[::1`,
    `${nodeId}@a:b:c`,
    `05${nodeId.slice(2)}`,
    `${nodeId}@-x`,
  ])('is not %s', (text) => {
    expect(parseNodeUri(text)).toBeNull();
  });
});

describe('parsePaste -- known, and not yet', () => {
  it.each([
    ['lno1pgqpvggzfyqv8gg09k4q35tc5mkmzr7re2nm20gw5qp5d08r3w5s6zzu4t5q', 'bolt12'],
    ['LNI1QQ', 'bolt12'],
    ['lnr1qq', 'bolt12'],
    ['lightning:LNURL1DP68GURN8GHJ7UM9WFMXJCM99E3K7MF0V9CXJ0M385EKVCENXC6R2C35', 'lnurl'],
    ['lnurlp://example.com/x', 'lnurl'],
    ['keyauth://example.com', 'lnurl'],
    ['https://example.com/?lightning=LNURL1DP68GURN', 'lnurl'],
    ['satoshi@example.com', 'lnurl'],
    ['₿satoshi@pay.example.com', 'bip353'],
    ['bitcoin:?lno=lno1pgqpvggz', 'bolt12'],
  ] as const)('%s', (text, what) => {
    expect(paste(text)).toEqual({ ok: false, error: { code: 'not-yet', what } });
  });
});

describe('parsePaste -- nonsense', () => {
  it.each(['', '   ', '\n\u200b'])('empty: %j', (text) => {
    expect(paste(text)).toEqual({ ok: false, error: { code: 'empty-input' } });
  });

  it.each([
    'hello',
    '0',
    '1 BTC',
    'ナンセンス',
    '😀'.repeat(100),
    '{"a":1}',
    'http://example.com',
    '@',
    '₿',
    'ln',
    'bitcoin',
    'deadbeef',
    'constructor',
    '__proto__',
  ])('unrecognised: %s', (text) => {
    expect(paste(text)).toEqual({ ok: false, error: { code: 'unrecognised-input' } });
  });

  it('a megabyte is refused at once', () => {
    for (const piece of ['a', invoice, 'lightning:', '1', ' ', 'bitcoin:?', '%', '@a.']) {
      const text = piece.repeat(Math.ceil(1_000_000 / piece.length));
      expect(paste(text)).toEqual({
        ok: false,
        error: { code: 'input-too-long', length: text.length, limit: LONGEST_PASTE },
      });
    }
  });

  // How the time grows with it, `npm run fuzz` measures.
  it('the longest that is read ends, whatever it repeats', () => {
    for (const piece of [
      'a',
      '1',
      ' x',
      'bitcoin:?',
      'a@a.',
      'a-',
      `${nodeId}@`,
      'https://?lightning=',
      '&a=%20',
      'bitcoin:?a=',
      'lnbc1',
    ])
      expect(paste(piece.repeat(LONGEST_PASTE / piece.length)).ok).toBe(false);
  });

  it('never throws', () => {
    const starts = fc.constantFrom(
      '',
      'bitcoin:',
      'bitcoin:?',
      `bitcoin:${segwit}?`,
      'lightning:',
      'lnbc',
      nodeId,
      'bc1',
      '₿',
    );
    fc.assert(
      fc.property(starts, fc.string({ unit: 'binary', maxLength: 200 }), (start, rest) => {
        const result = paste(start + rest);
        expect(result.ok ? result.value.kind : result.error.code).toMatch(/^[a-z0-9-]+$/);
      }),
      { numRuns: 100 },
    );
  });
});

describe('BIP 21', () => {
  const parse = (uri: string) => parseBip21(uri, 'mainnet');

  it.each([
    [`bitcoin:${segwit}`, { amount: null, label: '', message: '', invoice: null, offer: null }],
    [
      `BITCOIN:${segwit.toUpperCase()}?AMOUNT=0.001&LIGHTNING=${invoice.toUpperCase()}`,
      { amount: 100_000n, invoice: { text: invoice } },
    ],
    [`bitcoin://${segwit}?amount=20.3&label=Luke-Jr`, { amount: 2_030_000_000n, label: 'Luke-Jr' }],
    [
      `bitcoin:${legacy}?amount=50&label=Luke-Jr&message=Donation%20for%20project%20xyz`,
      { amount: 5_000_000_000n, message: 'Donation for project xyz' },
    ],
    [`bitcoin:${legacy}?somethingyoudontunderstand=50&somethingelseyoudontget=999`, { amount: null }],
    [`bitcoin:${segwit}?label=%E3%83%8A%20%F0%9F%98%80&`, { label: 'ナ 😀' }],
    [`bitcoin:${segwit}?label=a+b%26c#fragment`, { label: 'a+b&c' }],
    [`bitcoin:?lightning=${invoice}`, { onchain: null, invoice: { text: invoice } }],
    [`bitcoin:${segwit}?lightning=${broken}`, { invoice: null, invoiceRefusal: { code: 'bad-checksum' } }],
    [`bitcoin:${segwit}?lno=lno1qq`, { offer: 'lno1qq' }],
  ])('reads %s', (uri, expected) => {
    expect(parse(uri)).toMatchObject({ ok: true, value: expected });
  });

  it.each([
    [
      `bitcoin:${legacy}?req-somethingyoudontunderstand=50`,
      { code: 'invalid-argument', field: 'req-somethingyoudontunderstand' },
    ],
    [
      `bitcoin:${segwit}?amount=1&amount=2`,
      { code: 'invalid-argument', field: 'amount', detail: 'given twice' },
    ],
    [`bitcoin:${segwit}?label=%FF`, { code: 'invalid-argument', field: 'label' }],
    [`bitcoin:${segwit}?amount=0`, { code: 'invalid-amount' }],
    [`bitcoin:${segwit}?amount=`, { code: 'invalid-amount' }],
    [`bitcoin:${segwit}?amount=1e3`, { code: 'invalid-amount' }],
    [`bitcoin:${segwit}?amount=-1`, { code: 'invalid-amount' }],
    [`bitcoin:${segwit}?amount=0.000000001`, { code: 'invalid-amount' }],
    [`bitcoin:${segwit}?amount=21000001`, { code: 'invalid-amount' }],
    [`bitcoin:?lightning=${testnetInvoice}`, { code: 'wrong-network', found: 'testnet4' }],
    ['bitcoin:', { code: 'invalid-address' }],
    ['bitcoin:nonsense', { code: 'invalid-address' }],
    [`bitcoin:${segwit.slice(0, -1)}5`, { code: 'bad-checksum' }],
    ['bitcoin:mk2QpYatsKicvFVuTAQLBryyccRXMUaGHP', { code: 'wrong-network' }],
  ])('refuses %s', (uri, error) => {
    expect(parse(uri)).toMatchObject({ ok: false, error });
  });

  it('builds what it reads', () => {
    const draft = { address: segwit, amount: sat(12_345), label: 'Zoë & co', message: '1=1?', invoice };
    for (const upperCase of [false, true])
      expect(parse(buildBip21(draft, upperCase))).toMatchObject({
        ok: true,
        value: {
          onchain: { address: segwit },
          amount: 12_345n,
          label: 'Zoë & co',
          message: '1=1?',
          invoice: { text: invoice },
        },
      });
    expect(buildBip21({ address: segwit, amount: sat(1), invoice: 'lnbc1' }, true)).toBe(
      `bitcoin:${segwit.toUpperCase()}?amount=0.00000001&lightning=LNBC1`,
    );
    expect(buildBip21({ address: legacy }, true)).toBe(`bitcoin:${legacy}`);
  });

  it('writes amounts that read as themselves', () => {
    fc.assert(
      fc.property(fc.bigInt(0n, 2_100_000_000_000_000n), (amount) => {
        expect(parseBitcoinAmount(formatBitcoinAmount(sat(amount)))).toBe(amount);
      }),
    );
    expect(['.5', '5.', '00.5', '0.50000000000'].map(parseBitcoinAmount)).toEqual([
      50_000_000n,
      500_000_000n,
      50_000_000n,
      50_000_000n,
    ]);
    expect(['.', '', ' 1', '1,5', '0x1', '1_0', '٣'].map(parseBitcoinAmount)).toEqual(Array(7).fill(null));
  });
});
