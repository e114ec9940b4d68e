import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { fromHex } from '../base/bytes.ts';
import { timestamp } from '../base/units.ts';
import { decode } from '../codec/field.ts';
import type { NodeEvent, QueuedEvent } from './api.ts';
import { EventQueue } from './event-queue.ts';
import { queuedEventRecord } from './event-record.ts';

const events: readonly NodeEvent[] = [
  { tag: 'payment-received', paymentId: 'aa', amountMsat: 1n },
  { tag: 'payment-claimable', paymentId: 'aa', amountMsat: 1n, claimDeadlineHeight: 9 },
  { tag: 'payment-sent', paymentId: 'aa', amountMsat: 5n, feeMsat: 1n, preimage: '00' },
  {
    tag: 'payment-failed',
    paymentId: 'aa',
    failure: { code: 'no-route', detail: 'x', bolt4Code: 0x1007, hop: 0 },
  },
  { tag: 'payment-failed', paymentId: 'aa', failure: { code: 'expired', detail: '' } },
  { tag: 'channel-pending', channelId: 'cc', fundingTxId: 'ff' },
  { tag: 'channel-ready', channelId: 'cc' },
  { tag: 'channel-closed', channelId: 'cc', kind: 'cooperative' },
  { tag: 'channel-void', channelId: 'cc' },
  { tag: 'onchain-received', txId: 'ff', amountSat: 7n, confirmed: false },
  { tag: 'onchain-received', txId: 'ff', amountSat: 7n, confirmed: true },
  { tag: 'alarm', alarm: { code: 'bug', detail: 'd', at: 3 } },
];

describe('event queue', () => {
  it('every event survives the disk as it was', () => {
    const queue = new EventQueue();
    for (const event of events) {
      const [write] = queue.add(event, timestamp(1));
      const read = write?.op === 'put' ? decode(queuedEventRecord, write.value) : null;
      expect(read?.ok === true && read.value.event).toEqual(event);
    }
  });

  it('reads what stands on disk from before the two tellings of on-chain money were told apart', () => {
    const read = decode(queuedEventRecord, fromHex('010101080102666600000000000000070000'));
    expect(read).toEqual({
      ok: true,
      value: {
        cursor: 1,
        at: 1,
        event: { tag: 'onchain-received', txId: 'ff', amountSat: 7n, confirmed: false },
      },
    });
  });

  it('keeps events until they are acknowledged, in order, and goes on after a restart', () => {
    const queue = new EventQueue();
    const stored = new Map<string, QueuedEvent>();
    const apply = (writes: ReturnType<EventQueue['add']>): void => {
      for (const write of writes) {
        if (write.op === 'delete') stored.delete(write.key);
        else {
          const read = decode(queuedEventRecord, write.value);
          if (read.ok) stored.set(write.key, read.value);
        }
      }
    };
    for (const event of events) apply(queue.add(event, timestamp(1)));
    apply(queue.handled(queue.oldest?.cursor ?? 0));
    const restarted = new EventQueue(
      [...stored.entries()].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, e]) => e),
    );
    expect(restarted.oldest).toEqual(queue.oldest);
    expect(restarted.after(0).map(({ event }) => event)).toEqual(events.slice(1));
    const last = restarted.after(0).at(-1)?.cursor ?? 0;
    restarted.add({ tag: 'channel-ready', channelId: 'dd' }, timestamp(2));
    expect(restarted.after(last)).toHaveLength(1);
  });

  it('is bounded: the oldest goes first', () => {
    const queue = new EventQueue();
    for (let i = 0; i < 1_001; i++) queue.add({ tag: 'channel-ready', channelId: String(i) }, timestamp(1));
    expect(queue.oldest?.cursor).toBe(2);
    expect(queue.after(0)).toHaveLength(1_000);
  });

  const cursorOf = (key: string): number => Number.parseInt(key, 16);

  it('an acknowledgement is of all up to its cursor and of nothing after it, whatever is there', () => {
    fc.assert(
      fc.property(
        fc.array(fc.integer({ min: 1, max: 40 }), { maxLength: 12 }),
        fc.array(fc.option(fc.integer({ min: -1, max: 60 }), { freq: 2 }), { maxLength: 60 }),
        (onDisk, steps) => {
          let cursors = [...new Set(onDisk)].sort((a, b) => a - b);
          const event: NodeEvent = { tag: 'channel-ready', channelId: 'cc' };
          const queue = new EventQueue(cursors.map((cursor) => ({ cursor, at: timestamp(1), event })));
          for (const step of steps) {
            if (step === null) {
              for (const { key } of queue.add(event, timestamp(2))) cursors.push(cursorOf(key));
              continue;
            }
            const handled = queue.handled(step).map(({ key }) => cursorOf(key));
            expect(handled).toEqual(cursors.filter((cursor) => cursor <= step));
            cursors = cursors.filter((cursor) => cursor > step);
            expect(queue.after(0).map(({ cursor }) => cursor)).toEqual(cursors);
            expect(queue.oldest?.cursor).toBe(cursors[0]);
          }
        },
      ),
    );
  });
});
