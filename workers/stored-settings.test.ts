import { expect, it } from 'vitest';
import { fromHex, toHex } from '../engine/base/bytes.ts';
import { encodeUtf8 } from '../engine/base/utf8.ts';
import { put } from '../engine/base/write.ts';
import { decode, encode } from '../engine/codec/field.ts';
import { decodeServers, encodeServers } from './servers-record.ts';
import { trustedLspsRecord, trustWrite } from './trusted-lsps.ts';
import { identityRecord, idleRecord } from './wallet-identity.ts';

// As they stand on disks. Never made anew.
const IDENTITY =
  '01040c056c6567616c0677696e6e6572057468616e6b04796561720477617665077361757361676505776f7274680675736566756c056c6567616c0677696e6e6572057468616e6b0679656c6c6f77878386efb78845b3355bd15ea4d39ef97d179cb712b77d5c12b6be415fffeffe5f377ba02bf3f8544ab800b955e51fbff09828f682052a20faa6addbbddfb096fe6b49d2000100';
it('the identity of a wallet', () => {
  const read = decode(identityRecord, fromHex(IDENTITY));
  if (!read.ok) throw new Error(read.error.code);
  expect(read.value).toMatchObject({ network: 'regtest', wordsConfirmed: true });
  expect(read.value.words.join(' ')).toBe(
    'legal winner thank year wave sausage worth useful legal winner thank yellow',
  );
  expect(toHex(encode(identityRecord, read.value))).toBe(IDENTITY);
});

it('the minutes after which it locks', () => {
  expect(decode(idleRecord, fromHex('010500'))).toMatchObject({ ok: true, value: { minutes: 5 } });
});

const NODE = '0251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f';
const SERVERS =
  '01011b68747470733a2f2f6573706c6f72612e6578616d706c652f61706901137773733a2f2f70726f78792e6578616d706c65011368747470733a2f2f7267732e6578616d706c65011668747470733a2f2f73636f7265732e6578616d706c650101700251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f0c706565722e6578616d706c65260701016c0251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f0b6c73702e6578616d706c65260801017401fd09c4011468747470733a2f2f707573682e6578616d706c6501fd0258fd13880000';
it('the servers that a person chose', () => {
  const value = {
    esplora: ['https://esplora.example/api'],
    proxies: ['wss://proxy.example'],
    snapshots: ['https://rgs.example'],
    scores: ['https://scores.example'],
    peers: [{ alias: 'p', nodeId: NODE, host: 'peer.example', port: 9735 }],
    lsps: [{ alias: 'l', nodeId: NODE, host: 'lsp.example', port: 9736, token: 't', trusted: true }],
    lspFeeLimitSat: 2_500,
    pushRelay: 'https://push.example',
    probing: { everySeconds: 600, mostSat: 5_000 },
    faucet: null,
  };
  expect(decodeServers(fromHex(SERVERS), 'mainnet')).toEqual({ ok: true, value });
  expect(toHex(encodeServers(value))).toBe(SERVERS);
});

const TRUSTED = `0101${NODE}00`;
it('the LSPs that are trusted where the page trusts them', () => {
  const lsp = { alias: 'l', nodeId: NODE, host: 'lsp.example', port: 9736, token: null };
  const other = { ...lsp, nodeId: `03${NODE.slice(2)}`, trusted: false };
  expect(trustWrite({ lsps: [{ ...lsp, trusted: true }, other] })).toEqual(
    put('meta', 'trusted-lsps', fromHex(TRUSTED)),
  );
  expect(decode(trustedLspsRecord, fromHex(TRUSTED))).toEqual({ ok: true, value: { nodeIds: [NODE] } });
});

// From before there was a version byte; the shorter one from before there were snapshots, LSPs and relays to choose.
it.each([
  '{"esplora":["https://esplora.example/api"],"proxies":["wss://proxy.example"],"peers":[],"faucet":null}',
  `{"esplora":["https://esplora.example/api"],"proxies":["wss://proxy.example"],"snapshots":[],"scores":[],"peers":[],"lsps":[],"lspFeeLimitSat":0,"pushRelay":null,"probing":null,"faucet":null}`,
])('the servers that a person chose with an earlier program, %s', (json) => {
  expect(decodeServers(encodeUtf8(json), 'mainnet')).toMatchObject({
    ok: true,
    value: {
      esplora: ['https://esplora.example/api'],
      proxies: ['wss://proxy.example'],
      snapshots: [],
      scores: [],
      lsps: [],
      pushRelay: null,
      probing: null,
    },
  });
});

it.each([
  ['nothing', '', 'truncated'],
  ['a later version', '02', 'newer-version'],
  ['half of it', SERVERS.slice(0, 100), 'truncated'],
  ['JSON that ends', toHex(encodeUtf8('{"esplora":')), 'an object is needed'],
  ['JSON that nobody wrote', toHex(encodeUtf8(`{"esplora":${'['.repeat(5_000)}`)), 'an object is needed'],
])('servers of which %s is there are not taken', (_what, hex, detail) => {
  expect(decodeServers(fromHex(hex), 'mainnet')).toMatchObject({
    ok: false,
    error: { code: 'invalid-config', field: 'servers', detail },
  });
});

it('a server that no person could have chosen is not taken from the disk either', () => {
  const changed = SERVERS.replace(toHex(encodeUtf8('https://esplora')), toHex(encodeUtf8('http://esplora0')));
  expect(decodeServers(fromHex(changed), 'mainnet')).toMatchObject({
    ok: false,
    error: { code: 'invalid-config', field: 'servers.esplora[0]' },
  });
});
