import { expect, it } from 'vitest';
import { fromHex, toHex } from '../base/bytes.ts';
import { nodeId } from '../base/ids.ts';
import { decode, encode } from '../codec/field.ts';
import type { Alarm, NodeEvent } from './api.ts';
import { queuedEventRecord } from './event-record.ts';
import { peerRecord } from './peer-record.ts';

const alarm = (code: Alarm['code']): NodeEvent => ({ tag: 'alarm', alarm: { code, detail: 'd', at: 3 } });

// As they stand on disks. Never made anew: a program that cannot read one of them cannot read the wallet.
const EVENTS: readonly (readonly [string, NodeEvent])[] = [
  ['010101010102616100000000000000010000', { tag: 'payment-received', paymentId: 'aa', amountMsat: 1n }],
  [
    '01010102010261610000000000000001090000',
    { tag: 'payment-claimable', paymentId: 'aa', amountMsat: 1n, claimDeadlineHeight: 9 },
  ],
  [
    '0101010301026161000000000000000500000000000000010230300000',
    { tag: 'payment-sent', paymentId: 'aa', amountMsat: 5n, feeMsat: 1n, preimage: '00' },
  ],
  [
    '0101010401026161010201780110070100000000',
    {
      tag: 'payment-failed',
      paymentId: 'aa',
      failure: { code: 'no-route', detail: 'x', bolt4Code: 0x1007, hop: 0 },
    },
  ],
  [
    '01010104010261610104000000000000',
    { tag: 'payment-failed', paymentId: 'aa', failure: { code: 'expired', detail: '' } },
  ],
  ['01010105010263630266660000', { tag: 'channel-pending', channelId: 'cc', fundingTxId: 'ff' }],
  ['01010106010263630000', { tag: 'channel-ready', channelId: 'cc' }],
  ['0101010701026363000000', { tag: 'channel-closed', channelId: 'cc', kind: 'cooperative' }],
  ['0101010701026363040000', { tag: 'channel-closed', channelId: 'cc', kind: 'unknown' }],
  ['0101010a010263630000', { tag: 'channel-void', channelId: 'cc' }],
  [
    '01010108020266660000000000000007010000',
    { tag: 'onchain-received', txId: 'ff', amountSat: 7n, confirmed: true },
  ],
  ['01010109010100016403000000', alarm('bug')],
  ['01010109010101016403000000', alarm('frozen-channel')],
  ['01010109010102016403000000', alarm('storage')],
  ['01010109010103016403000000', alarm('data-loss')],
  ['01010109010104016403000000', alarm('storage-full')],
  ['01010109010105016403000000', alarm('double-spent')],
  ['01010109010108016403000000', alarm('runs-elsewhere')],
  ['0101010901010a016403000000', alarm('backup-from-later')],
];

it.each(EVENTS)('an event as it stands on disk, %s', (hex, event) => {
  const value = { cursor: 1, at: 1, event };
  expect(decode(queuedEventRecord, fromHex(hex))).toEqual({ ok: true, value });
  expect(toHex(encode(queuedEventRecord, value))).toBe(hex);
});

it('a peer as it stands on disk', () => {
  const hex =
    '010251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f0c706565722e6578616d706c65260700';
  const value = {
    nodeId: nodeId('0251e697e7a4527fd4dc93de33a0ac2dfc9c8a42c6238011861195a82c2e3d572f'),
    host: 'peer.example',
    port: 9735,
  };
  expect(decode(peerRecord, fromHex(hex))).toEqual({ ok: true, value });
  expect(toHex(encode(peerRecord, value))).toBe(hex);
});
