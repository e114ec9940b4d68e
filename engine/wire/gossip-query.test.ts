import { deflateSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { concatBytes } from '../base/bytes.ts';
import { decodeMessage } from './wire-message.ts';

const u16 = (value: number): Uint8Array => Uint8Array.of(value >> 8, value & 0xff);

/** reply_channel_range with these ids, packed by zlib. */
function packed(scids: Uint8Array): Uint8Array {
  const content = concatBytes(Uint8Array.of(1), deflateSync(scids));
  return concatBytes(u16(264), new Uint8Array(32), new Uint8Array(9), u16(content.length), content);
}

test('ids as a map has them are read also where they are packed', () => {
  const scids = new Uint8Array(8 * 8_000);
  const view = new DataView(scids.buffer);
  for (let i = 0; i < 8_000; i++) {
    // One channel in every other block, somewhere in it.
    view.setUint32(8 * i, (500_000 + 2 * i) << 8);
    view.setUint32(8 * i + 4, (((i * 7_919) % 3_000) << 16) | (i % 2));
  }
  const message = packed(scids);
  expect(message.length).toBeLessThan(40_000);
  const read = decodeMessage(message);
  if (!read.ok || read.value.name !== 'reply_channel_range') throw new Error('not read');
  expect(read.value.scids).toHaveLength(8_000);
});

test('half a kilobyte that would become half a megabyte is not worked out', () => {
  const bomb = packed(new Uint8Array(8 * 65_000));
  expect(bomb.length).toBeLessThan(600);
  expect(decodeMessage(bomb)).toMatchObject({ ok: false, error: { code: 'invalid' } });
});
