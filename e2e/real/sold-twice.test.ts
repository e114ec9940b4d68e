import { expect, test } from 'vitest';
import { soldUnder } from '../interop/peers/ldk-node/sold.ts';
import { isSoldTwice, SoldTwice } from '../interop/sold-twice.ts';

/** As ldk-node 0.7.1 writes it, with an answer that sells nothing. */
const LOG = [
  '2026-11-29 10:56:54.011 TRACE [lightning::ln::peer_handler:1722] Enqueueing message RawLSPSMessage { payload: "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":\\"d4e8\\",\\"result\\":{\\"opening_fee_params_menu\\":[]}}" } to 0383fc',
  ...['1x530x1', '1x1818x1', '1x530x1'].map(
    (scid) =>
      `2026-11-29 10:56:54.027 TRACE [lightning::ln::peer_handler:1722] Enqueueing message RawLSPSMessage { payload: "{\\"jsonrpc\\":\\"2.0\\",\\"id\\":\\"d4e8\\",\\"result\\":{\\"jit_channel_scid\\":\\"${scid}\\",\\"lsp_cltv_expiry_delta\\":72,\\"client_trusts_lsp\\":false}}" } to 0383fc`,
  ),
].join('\n');

test('what ldk-node sold stands in its log, each sale', () => {
  expect(soldUnder(LOG)).toEqual(['1x530x1', '1x1818x1', '1x530x1']);
});

test('a scenario begins anew for nothing else than an id that was sold twice', () => {
  const twice = new SoldTwice('lsp sold two channels as 1x530x1');
  expect(isSoldTwice(new Error('killed at …', { cause: twice }))).toBe(true);
  expect(isSoldTwice(new Error('killed at …', { cause: new Error('ReadFailed') }))).toBe(false);
});
