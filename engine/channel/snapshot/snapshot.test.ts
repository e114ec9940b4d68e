import { expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import type { Table } from '../../base/write.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { loadChannels } from '../load.ts';
import type { Durable } from '../state.ts';
import { VERSION_1 as FIRST } from './fixtures/version-1.ts';
import { VERSION_1_FAILED } from './fixtures/version-1-failed.ts';
import { VERSION_1_LEFT_BEHIND } from './fixtures/version-1-left-behind.ts';
import { VERSION_1_ON_CHAIN } from './fixtures/version-1-on-chain.ts';
import { VERSION_1_SET_ASIDE } from './fixtures/version-1-set-aside.ts';
import { VERSION_1_TALK } from './fixtures/version-1-talk.ts';
import { writesBetween } from './writes.ts';

const VERSION_1 = {
  ...FIRST,
  ...VERSION_1_ON_CHAIN,
  ...VERSION_1_LEFT_BEHIND,
  ...VERSION_1_TALK,
  ...VERSION_1_SET_ASIDE,
  ...VERSION_1_FAILED,
};

type Disk = Map<Table, Map<string, Uint8Array>>;

function diskOf(durable: Durable): Disk {
  const disk: Disk = new Map();
  for (const write of writesBetween(null, durable)) {
    const rows = disk.get(write.table) ?? new Map<string, Uint8Array>();
    disk.set(write.table, rows);
    if (write.op === 'put') rows.set(write.key, write.value);
  }
  return disk;
}
const load = (disk: Disk): ReturnType<typeof loadChannels> =>
  loadChannels((table) => disk.get(table) ?? new Map<string, Uint8Array>());

/** The frozen rows of one situation. */
function frozen(name: string): Disk {
  const disk: Disk = new Map();
  for (const [table, key, hex] of VERSION_1[name] ?? []) {
    const rows = disk.get(table) ?? new Map<string, Uint8Array>();
    disk.set(table, rows);
    rows.set(key, fromHex(hex));
  }
  return disk;
}

const durables = Object.entries(SITUATIONS).flatMap(([name, make]) => {
  const { durable } = make().alice.state;
  return durable === null ? [] : [[name, durable] as const];
});

test.each(durables)('%s: what is written is what is read', (_, durable) => {
  expect(load(diskOf(durable))).toEqual({ ok: true, value: [durable] });
});

// Rows as version 1 wrote them. They are never made anew: a program that cannot read them has lost people's channels.
test.each(Object.keys(VERSION_1))('%s: rows of version 1 can be read', (name) => {
  const disk = frozen(name);
  const loaded = load(disk);
  expect(loaded.ok).toBe(true);
  if (!loaded.ok) return;
  const [durable] = loaded.value;
  if (durable === undefined) throw new Error('no channel');
  const again = diskOf(durable);
  for (const [table, rows] of disk)
    for (const [key, value] of rows)
      expect(toHex(again.get(table)?.get(key) ?? new Uint8Array())).toBe(toHex(value));
});

test('a record that is missing, cut or of a newer version stops the loading of all channels', () => {
  const [, durable] = durables.find(([name]) => name === 'with HTLCs') ?? [];
  if (durable === undefined) throw new Error('no channel');
  const whole = diskOf(durable);
  for (const [table, rows] of whole)
    for (const [key, value] of rows) {
      const spoil = (bytes: Uint8Array | null): ReturnType<typeof loadChannels> => {
        const copy: Disk = new Map([...whole].map(([name, all]) => [name, new Map(all)]));
        if (bytes === null) copy.get(table)?.delete(key);
        else copy.get(table)?.set(key, bytes);
        return load(copy);
      };
      const optional = table === 'shachain' || key.endsWith('/removal') || key.includes('/outcome/');
      if (!optional) expect(spoil(null)).toEqual({ ok: false, error: { key, code: 'missing' } });
      expect(spoil(value.slice(0, -1))).toMatchObject({ ok: false, error: { key } });
      expect(spoil(Uint8Array.of(99, ...value.slice(1)))).toMatchObject({ ok: false, error: { key } });
    }
});

test('nothing changed: nothing is written', () => {
  for (const [, durable] of durables) expect(writesBetween(durable, durable)).toEqual([]);
});
