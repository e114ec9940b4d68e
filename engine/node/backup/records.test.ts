import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { nodeId, txId } from '../../base/ids.ts';
import { blockHeight, timestamp } from '../../base/units.ts';
import { NO_BACKUP_ROWS, readRows, writeGuest, writeKeeper, writeMoves, writeOwn } from './records.ts';

const peer = nodeId(`02${'11'.repeat(32)}`);
const at = timestamp(1_800_000_000);
const writes = [
  writeOwn({ counter: 300, file: { counter: 299, at } }),
  writeKeeper({
    nodeId: peer,
    capacity: 1_024,
    sent: { counter: 300, at },
    returned: { counter: 0, expected: 299, at },
  }),
  writeGuest({ nodeId: peer, blob: Uint8Array.of(1, 2, 3), at, endedAt: blockHeight(800_000) }),
];

// As version 1 wrote them; never made anew.
const VERSION_1: Readonly<Record<string, string>> = {
  'backup/own': '01fd012c01fd012bfe6b49d20000',
  [`backup/keeper/${peer}`]: `01${peer}fd040001fd012cfe6b49d2000100fd012bfe6b49d20000`,
  [`backup/guest/${peer}`]: `01${peer}03010203fe6b49d20001000c350000`,
};

test('what is written is what version 1 wrote, and is read', () => {
  const rows = writes.map((write) => ({
    key: write.key,
    value: write.op === 'put' ? write.value : new Uint8Array(),
  }));
  expect(Object.fromEntries(rows.map(({ key, value }) => [key, toHex(value)]))).toEqual(VERSION_1);
  const frozen = Object.entries(VERSION_1).map(([key, hex]) => ({ key, value: fromHex(hex) }));
  expect(readRows(frozen)).toEqual({
    ok: true,
    value: {
      own: { counter: 300, file: { counter: 299, at } },
      keepers: [
        {
          nodeId: peer,
          capacity: 1_024,
          sent: { counter: 300, at },
          returned: { counter: 0, expected: 299, at },
        },
      ],
      guests: [{ nodeId: peer, blob: Uint8Array.of(1, 2, 3), at, endedAt: blockHeight(800_000) }],
      moves: { opened: [], closed: [] },
    },
  });
});

test('which device it is, and since when alone', () => {
  const own = { counter: 300, file: null, device: new Uint8Array(16).fill(7), aloneSince: at };
  const hex = `01fd012c00190110${'07'.repeat(16)}0305fe6b49d200`;
  const write = writeOwn(own);
  expect(toHex(write.op === 'put' ? write.value : new Uint8Array())).toBe(hex);
  expect(readRows([{ key: 'backup/own', value: fromHex(hex) }])).toMatchObject({ ok: true, value: { own } });
});

test('what backups told of transactions', () => {
  const moves = { opened: [txId('21'.repeat(32))], closed: [txId('22'.repeat(32)), txId('23'.repeat(32))] };
  const hex = `0101${'21'.repeat(32)}02${'22'.repeat(32)}${'23'.repeat(32)}00`;
  const write = writeMoves(moves);
  expect(toHex(write.op === 'put' ? write.value : new Uint8Array())).toBe(hex);
  expect(readRows([{ key: 'backup/moves', value: fromHex(hex) }])).toMatchObject({
    ok: true,
    value: { moves },
  });
});

test('nothing yet; a row that cannot be read stops the reading', () => {
  expect(readRows([])).toEqual({ ok: true, value: NO_BACKUP_ROWS });
  expect(readRows([{ key: 'backup/own', value: Uint8Array.of(9) }])).toEqual({
    ok: false,
    error: { key: 'backup/own', code: 'newer-version' },
  });
});
