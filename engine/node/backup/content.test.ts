import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { fromHex, toHex } from '../../base/bytes.ts';
import { nodeId, txId } from '../../base/ids.ts';
import { msat, sat, timestamp } from '../../base/units.ts';
import type { Durable } from '../../channel/state.ts';
import { Secret } from '../../crypto/secret.ts';
import { seededRandom } from '../../testkit/session-config.ts';
import { SITUATIONS } from '../../testkit/two-peer-situations.ts';
import { KeyTree } from '../../wallet/key-tree.ts';
import { ChannelSigners } from '../channel-signers.ts';
import { channelsIn, composeBeside, composeContent, readContent, type BackupContent } from './content.ts';
import { OF_TWO_DEVICES } from './fixtures/of-two-devices.ts';
import { VERSION_1 } from './fixtures/version-1.ts';
import { RECEIVED, SENT, WITH_PAYMENTS } from './fixtures/with-payments.ts';
import { BackupSeal, OVERHEAD } from './seal.ts';

const durable = (name: string): Durable => {
  const made = SITUATIONS[name]?.().alice.state.durable;
  if (made == null) throw new Error('no channel');
  return made;
};
const open = durable('normal');
const busy = durable('with HTLCs');
const closed: Durable = { ...open, phase: 'closed', spend: null, leftBehind: sat(0), past: null };
const peers = [
  { nodeId: open.params.peerId, host: 'peer.example', port: 9735 },
  { nodeId: nodeId(`02${'11'.repeat(32)}`), host: 'another.example', port: 9735 },
];
const source = {
  network: 'regtest' as const,
  counter: 7,
  at: timestamp(1_800_000_000),
  peers,
  channels: [open, busy, closed],
};
const ROOM = 65_531 - OVERHEAD;

const read = (bytes: Uint8Array): BackupContent => {
  const content = readContent(bytes);
  if (!content.ok) throw new Error(content.error.code);
  return content.value;
};
const keys = (fill: number): KeyTree => new KeyTree(new Secret(new Uint8Array(64).fill(fill)), 'regtest');
const seal = (fill = 1): BackupSeal => new BackupSeal(keys(fill), 'regtest', seededRandom(fill));

describe('what a backup holds', () => {
  test('a state is encoded once for all the copies that are made of it, and the next state anew', () => {
    let encoded = 0;
    const counting = (channel: Durable): Durable =>
      Object.defineProperty({ ...channel }, 'shachain', {
        get: () => {
          encoded++;
          return channel.shachain;
        },
      });
    const now = counting(busy);
    const copies = [ROOM, ROOM - 1_000, Infinity].map((room) =>
      read(composeContent({ ...source, channels: [now] }, room)),
    );
    expect(encoded).toBe(1);
    const local = msat(busy.ledger.local - 1_000n);
    const next = counting({ ...busy, ledger: { ...busy.ledger, local } });
    const after = read(composeContent({ ...source, channels: [next] }, ROOM));
    expect(encoded).toBe(2);
    expect(copies.map(({ whole: [one] }) => one?.ledger.local)).toEqual(Array(3).fill(busy.ledger.local));
    expect(after.whole.map(({ ledger }) => ledger.local)).toEqual([local]);
  });

  test('who made it, where that is known', () => {
    const device = new Uint8Array(16).fill(7);
    expect(read(composeContent({ ...source, device }, ROOM)).device).toEqual(device);
    expect(read(composeContent(source, ROOM))).not.toHaveProperty('device');
  });

  test('every channel that is not over, whole, and how to reach its peer', () => {
    const content = read(composeContent(source, ROOM));
    expect(content).toMatchObject({ network: 'regtest', counter: 7, at: 1_800_000_000, leftOut: 0 });
    expect(content.whole.map(({ ledger }) => ledger.outgoing.size)).toEqual(
      expect.arrayContaining([0, busy.ledger.outgoing.size]),
    );
    expect(content.peers).toEqual([peers[0]]);
    const saved = channelsIn(content, (keyId) => new ChannelSigners(keys(1)).of(keyId));
    expect(saved.map((one) => [one.durable.phase, one.isWhole])).toEqual([
      ['data-loss', true],
      ['data-loss', true],
    ]);
  });

  test('less room: the least of each; less still: those with most money, and how many are missing', () => {
    const sizes = [ROOM, 3_000, 1_000, 500, 200, 100];
    const contents = sizes.map((room) => {
      const bytes = composeContent(source, room);
      expect(bytes.length).toBeLessThanOrEqual(room);
      return read(bytes);
    });
    const counts = contents.map(({ whole, brief, leftOut }) => [whole.length, brief.length, leftOut]);
    expect(counts[0]).toEqual([2, 0, 0]);
    expect(counts[2]).toEqual([0, 2, 0]);
    expect(counts[4]).toEqual([0, 0, 2]);
    expect(counts.map(([whole = 0, brief = 0, left = 0]) => whole + brief + left)).toEqual(
      sizes.map(() => 2),
    );
  });

  test('forty channels with payments in flight fit into what a peer keeps, none is left out', () => {
    const many = Array.from({ length: 40 }, () => ({ ...busy }));
    const bytes = composeContent({ ...source, channels: many }, ROOM);
    expect(bytes.length).toBeLessThanOrEqual(ROOM);
    const content = read(bytes);
    expect([content.whole.length + content.brief.length, content.leftOut]).toEqual([40, 0]);
  });

  // What LDK's peers take: 1,024 bytes.
  test('in a short copy are as many channels as fit, those with most money, each enough to be found', () => {
    const signers = new ChannelSigners(keys(1));
    fc.assert(
      fc.property(
        fc.array(fc.bigInt({ min: 0n, max: 900_000_000n }), { minLength: 1, maxLength: 30 }),
        fc.constantFrom(512, 700, 1_024, 4_096),
        fc.boolean(),
        (balances, size, known) => {
          const channels = balances.map((local, i): Durable => {
            const base = i % 2 === 0 ? open : busy;
            return { ...base, ledger: { ...base.ledger, local: local as Durable['ledger']['local'] } };
          });
          const content = composeContent({ ...source, channels, peers: known ? peers : [] }, size - OVERHEAD);
          const blob = seal().blob(content, size);
          expect(blob).toHaveLength(size);
          const opened = seal().open(blob);
          if (!opened.ok) throw new Error(opened.error);
          const { brief, whole, leftOut } = opened.value;
          const taken = [...whole.map(({ ledger }) => ledger.local), ...brief.map(({ local }) => local)];
          expect(taken.length + leftOut).toBe(balances.length);
          // 1,024 bytes hold four at least.
          if (size >= 1_024) expect(taken.length).toBeGreaterThanOrEqual(Math.min(4, balances.length));
          expect(taken.length).toBeGreaterThan(0);
          const most = balances.toSorted((a, b) => (a > b ? -1 : 1)).slice(0, taken.length);
          expect(taken.toSorted((a, b) => (a > b ? -1 : 1))).toEqual(most);
          for (const { durable } of channelsIn(opened.value, (keyId) => signers.of(keyId))) {
            expect(durable.phase).toBe('data-loss');
            expect([open, busy].map(({ params }) => params.channelId)).toContain(durable.params.channelId);
          }
        },
      ),
      { numRuns: 30 },
    );
  });

  test('payments that were made, in a file alone', () => {
    const history = { sent: [SENT], received: [RECEIVED] };
    expect(toHex(composeContent({ ...source, peers: [], channels: [], history }, Infinity))).toBe(
      WITH_PAYMENTS,
    );
    const { sent, received } = read(fromHex(WITH_PAYMENTS));
    expect({ sent, received }).toEqual(history);
    expect(read(composeContent(source, ROOM)).sent).toBeUndefined();
  });

  test('which transactions moved money of channels, in a file alone', () => {
    const moves = { opened: [txId('21'.repeat(32))], closed: [txId('22'.repeat(32))] };
    const file = composeContent({ ...source, history: { sent: [], received: [], moves } }, Infinity);
    expect(toHex(file)).toMatch(new RegExp(`074201${'21'.repeat(32)}01${'22'.repeat(32)}$`));
    expect(read(file).moves).toEqual(moves);
    expect(read(composeContent(source, ROOM)).moves).toBeUndefined();
  });

  describe('beside what another device made', () => {
    const theirs = new Uint8Array(16).fill(2);
    const other = {
      ...read(composeContent({ ...source, channels: [busy], counter: 3 }, ROOM)),
      device: theirs,
    };
    const ours = { ...source, channels: [open], device: new Uint8Array(16).fill(1) };
    const beside = (room: number): BackupContent | null => {
      const bytes = composeBeside(ours, [other], room);
      if (bytes === null) return null;
      expect(bytes.length).toBeLessThanOrEqual(room);
      return read(bytes);
    };

    test('each has its own, the other’s to the byte as it was', () => {
      const { network: _, ...made } = other;
      expect(beside(ROOM)).toEqual({ ...read(composeContent(ours, ROOM)), others: [made] });
    });

    test('less room: first ours are shorter, then the other’s; none of its channels gives way to ours', () => {
      const whole = composeContent({ ...source, channels: [busy], counter: 3 }, ROOM).length;
      const forms: string[] = [];
      for (let room = ROOM; room > 0; room = room > 4_000 ? 4_000 : room - 20) {
        const content = beside(room);
        const [form, their] = [content, content?.others?.[0]].map((one) =>
          one === undefined || one === null ? 'none' : one.whole.length > 0 ? 'whole' : 'brief',
        );
        if (content !== null) {
          expect([content.whole.length + content.brief.length, content.leftOut]).toEqual([1, 0]);
          expect((their === 'whole' ? whole : 0) < room).toBe(true);
          const [left] = channelsIn(content.others?.[0] ?? other, (keyId) =>
            new ChannelSigners(keys(1)).of(keyId),
          );
          expect(left?.local).toBe(busy.ledger.local);
        }
        const both = `${form} ${their}`;
        if (forms.at(-1) !== both) forms.push(both);
      }
      expect(forms).toEqual(['whole whole', 'brief whole', 'whole brief', 'brief brief', 'none none']);
    });

    test('as it was first written, it can be read', () => {
      const content = read(fromHex(OF_TWO_DEVICES));
      expect(content.others).toMatchObject([{ device: theirs, counter: 3, leftOut: 0 }]);
      const again = composeBeside(
        { ...ours, ...content, network: 'regtest', channels: content.whole },
        content.others ?? [],
        ROOM,
      );
      expect(again === null ? null : toHex(again)).toBe(OF_TWO_DEVICES);
    });
  });

  test.each(Object.entries(VERSION_1))('%s, as version 1 wrote it, can be read', (_, hex) => {
    const content = read(fromHex(hex));
    expect(
      toHex(composeContent({ ...source, ...content, network: 'regtest', channels: content.whole }, ROOM)),
    ).toBe(hex);
  });
});

describe('the seal', () => {
  const content = composeContent(source, ROOM);

  test('a blob is exactly as long as asked, a file a multiple of some; both open again', () => {
    expect(seal().blob(content, 65_531)).toHaveLength(65_531);
    const file = seal().file(content);
    expect((file.length - 14) % 16_384).toBe(0);
    for (const bytes of [file, seal().blob(content, 65_531)])
      expect(seal().open(bytes)).toMatchObject({ ok: true, value: { counter: 7 } });
  });

  test('says nothing about what is in it, and never the same twice', () => {
    const one = seal();
    expect(one.blob(content, 65_531)).not.toEqual(one.blob(content, 65_531));
    expect(toHex(one.blob(content, 65_531))).not.toContain(open.params.peerId);
  });

  test('other words, other bytes, another network', () => {
    const file = seal().file(content);
    expect(seal(2).open(file)).toEqual({ ok: false, error: 'other-words' });
    expect(seal().open(file.with(5_000, (file[5_000] ?? 0) ^ 1))).toEqual({
      ok: false,
      error: 'other-words',
    });
    expect(seal().open(file.subarray(0, 5_000))).toEqual({ ok: false, error: 'other-words' });
    expect(seal().open(file.with(14, 9))).toEqual({ ok: false, error: 'newer-version' });
    for (const bytes of [new Uint8Array(), new Uint8Array(100), new Uint8Array(70_000).fill(1)])
      expect(seal().open(bytes)).toEqual({ ok: false, error: 'not-a-backup' });
    const signet = new BackupSeal(keys(1), 'signet', seededRandom(1));
    expect(signet.open(file)).toEqual({ ok: false, error: 'other-network' });
  });
});
