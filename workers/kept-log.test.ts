import { expect, it } from 'vitest';
import { encodeUtf8 } from '../engine/base/utf8.ts';
import { ManualClock } from '../engine/testkit/manual-clock.ts';
import { KeptLog, type Aside } from './kept-log.ts';
import { LogRing } from './log-ring.ts';

/** What version 1 wrote, for as long as there is one that reads it. */
const OF_VERSION_1 =
  '{"version":1,"lines":[[1700000000.5,"warn","peer","a rule was broken {\\"rule\\":\\"x\\"}"]]}';

/** Turns each bit: what it did not seal it does not open. */
const aside: Aside = {
  seal: (bytes) => Uint8Array.of(7, ...bytes.map((byte) => byte ^ 0xff)),
  open: (bytes) => (bytes[0] === 7 ? bytes.slice(1).map((byte) => byte ^ 0xff) : null),
};
class FakeCell {
  bytes: Uint8Array | null;
  writes = 0;
  fails = false;
  constructor(bytes: Uint8Array | null = null) {
    this.bytes = bytes;
  }
  load = (): Promise<Uint8Array | null> =>
    this.fails ? Promise.reject(new Error('the disk is gone')) : Promise.resolve(this.bytes);
  save = (bytes: Uint8Array): Promise<void> => {
    this.writes++;
    if (this.fails) return Promise.reject(new Error('the disk is full'));
    this.bytes = bytes;
    return Promise.resolve();
  };
}

/** One life of the worker over what lives before left. */
function life(cell: FakeCell): {
  ring: LogRing;
  kept: KeptLog;
  clock: ManualClock;
  pass: (ms: number) => Promise<void>;
} {
  const [ring, clock] = [new LogRing(), new ManualClock()];
  const kept = new KeptLog(ring, cell, aside, clock);
  const pass = async (ms: number): Promise<void> => {
    clock.advance(ms);
    for (let turn = 0; turn < 10; turn++) await Promise.resolve();
  };
  return { ring, kept, clock, pass };
}
const messages = (ring: LogRing): readonly string[] => ring.lines().map(({ message }) => message);

it('keeps the last lines for the life after, in front of its own', async () => {
  const cell = new FakeCell();
  const first = life(cell);
  for (let line = 0; line < 600; line++) first.ring.log('info', 'event', `line ${line}`);
  await first.pass(3_000);
  expect(cell.writes).toBe(1);
  const second = life(cell);
  second.ring.log('info', 'worker', 'again');
  await second.kept.load();
  expect(messages(second.ring)).toHaveLength(501);
  expect(messages(second.ring).slice(-2)).toEqual(['line 599', 'again']);
});

it('writes at once what went wrong, the rest together, and reads before it writes', async () => {
  const cell = new FakeCell(aside.seal(encodeUtf8(OF_VERSION_1)));
  const { ring, pass } = life(cell);
  ring.log('info', 'peer', 'connected');
  await pass(2_900);
  expect(cell.writes).toBe(0);
  ring.log('error', 'node', 'a bug was caught');
  await pass(500);
  expect(cell.writes).toBe(1);
  await pass(60_000);
  expect(cell.writes).toBe(1);
  expect(messages(ring)).toEqual(['a rule was broken {"rule":"x"}', 'connected', 'a bug was caught']);
});

it('begins anew over what it cannot read, and goes on where nothing can be read or written', async () => {
  for (const bytes of ['{"version":2,"lines":[]}', '{"version":1,"lines":5}', 'no JSON'].map(encodeUtf8)) {
    const { ring, kept } = life(new FakeCell(aside.seal(bytes)));
    await kept.load();
    expect(ring.lines()).toEqual([]);
  }
  const foreign = life(new FakeCell(Uint8Array.of(1, 2, 3)));
  await foreign.kept.load();
  expect(foreign.ring.lines()).toEqual([]);
  const cell = new FakeCell();
  cell.fails = true;
  const { ring, pass } = life(cell);
  ring.log('error', 'node', 'one');
  await pass(500);
  cell.fails = false;
  ring.log('error', 'node', 'two');
  await pass(500);
  const after = life(cell);
  await after.kept.load();
  expect(messages(after.ring)).toEqual(['one', 'two']);
});

it('writes nothing once it has ended', async () => {
  const cell = new FakeCell();
  const { ring, kept, clock, pass } = life(cell);
  ring.log('error', 'node', 'one');
  kept.end();
  ring.log('error', 'node', 'two');
  await pass(60_000);
  expect([cell.writes, clock.waiting]).toEqual([0, 0]);
});

it('a line of what others say is no longer than helps', () => {
  const ring = new LogRing();
  ring.log('warn', 'peer', 'x'.repeat(60_000));
  expect(ring.lines()[0]?.message).toHaveLength(500);
});
