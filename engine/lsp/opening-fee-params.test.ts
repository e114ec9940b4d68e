import { describe, expect, it } from 'vitest';
import { encodeUtf8 } from '../base/utf8.ts';
import { readLspMessage } from './lsps0.ts';
import { readMenu, type OpeningFeeParams } from './opening-fee-params.ts';

const PARAMS: Readonly<Record<string, unknown>> = {
  min_fee_msat: '546000',
  proportional: 1200,
  valid_until: '2023-02-23T08:47:30.511Z',
  min_lifetime: 1008,
  max_client_to_self_delay: 2016,
  min_payment_size_msat: '1000',
  max_payment_size_msat: '1000000',
  promise: 'abcdefghijklmnopqrstuvwxyz',
};

/** What is made of a menu as text; why not, where nothing is. */
function menuOf(menu: string): readonly OpeningFeeParams[] | string {
  const message = readLspMessage(
    encodeUtf8(`{"jsonrpc":"2.0","id":"a","result":{"opening_fee_params_menu":${menu}}}`),
  );
  if (!message.ok || message.value.tag !== 'result') return 'no result';
  const read = readMenu(message.value);
  return read.ok ? read.value : read.error.code === 'nonsense' ? read.error.detail : read.error.code;
}
const written = (change: Readonly<Record<string, unknown>> = {}): string =>
  JSON.stringify([{ ...PARAMS, ...change }]);

describe('what an LSP asks for a channel', () => {
  it('is read as the example of the book', () => {
    expect(menuOf(written())).toEqual([
      {
        minFee: 546_000n,
        proportional: 1_200n,
        validUntil: 1_677_142_050,
        minLifetime: 1_008,
        maxClientToSelfDelay: 2_016,
        minPayment: 1_000n,
        maxPayment: 1_000_000n,
        text: JSON.stringify(PARAMS),
      },
    ]);
  });

  // bLIP 52 §1: "The LSP MAY return an empty array"
  it('may be nothing', () => expect(menuOf('[]')).toEqual([]));

  // bLIP 52 §1: "MUST have all of the following fields"
  it.each(Object.keys(PARAMS))('is none without %s', (name) => {
    expect(menuOf(written({ [name]: undefined }))).toMatch(/promise|cannot be read/);
    expect(menuOf(written({ [name]: null }))).toMatch(/promise|cannot be read/);
  });

  // bLIP 52 §1: "Clients MUST fail and abort the flow if a `opening_fee_params` object has unrecognized fields"
  // bLIP 52 §1: "LSPs MUST NOT add any other fields to an `opening_fee_params`"
  it('is none with a field more, whatever else is on the menu', () => {
    expect(menuOf(`[${JSON.stringify(PARAMS)},${JSON.stringify({ ...PARAMS, surcharge_msat: '1' })}]`)).toBe(
      'a field of opening_fee_params that nobody knows',
    );
  });

  // bLIP 52 §1: "MUST abort this flow if `promise` exceeds 512 bytes"
  // bLIP 52 §1: "MUST avoid characters that would require escapes in JSON format"
  it('has a promise of 512 bytes of UTF-8 at most, its escapes counted as they are written', () => {
    expect(menuOf(written({ promise: 'p'.repeat(512) }))).toHaveLength(1);
    expect(menuOf(written({ promise: 'p'.repeat(513) }))).toBe('a promise of more than 512 bytes');
    expect(menuOf(written({ promise: 'é'.repeat(256) }))).toHaveLength(1);
    expect(menuOf(written({ promise: 'é'.repeat(257) }))).toBe('a promise of more than 512 bytes');
    expect(menuOf(written({ promise: '"'.repeat(257) }))).toBe('a promise of more than 512 bytes');
  });

  // bLIP 52 §1: "MUST NOT parse or interpret this string, and only provide it verbatim later"
  // bLIP 52 §1: "MAY include additional information in the `promise`"
  it('has a promise that may say anything, and stays as it was written', () => {
    for (const promise of [
      '""',
      '"{\\"min_fee_msat\\":\\"0\\"}"',
      '"\\u003cb\\u003e"',
      '"\\ud83d\\ude00 "',
    ]) {
      const text = written({ promise: 'here' }).replace('"here"', promise);
      expect(menuOf(text)).toMatchObject([{ minFee: 546_000n, text: text.slice(1, -1) }]);
    }
  });

  // bLIP 50 §Proportional / Parts-per-million: "Parts-per-million units MUST be encoded as JSON integral numbers"
  // bLIP 50 §Proportional / Parts-per-million: "MUST be expressed in units of parts-per-million"
  it('has a share in whole millionths', () => {
    for (const proportional of ['1200', 1.5, -1, 2 ** 32])
      expect(menuOf(written({ proportional }))).toMatch(/cannot be read/);
    expect(menuOf(written({ proportional: 0 }))).toMatchObject([{ proportional: 0n }]);
  });
});
