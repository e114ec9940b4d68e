import type { Timestamp } from '../base/units.ts';
import { put, remove, type Write } from '../base/write.ts';
import { encode } from '../codec/field.ts';
import type { NodeEvent, QueuedEvent } from './api.ts';
import { queuedEventRecord } from './event-record.ts';

/** Past this many unread events the oldest is dropped: what happened stands in payments and channels as well. */
const LIMIT = 1_000;

const keyOf = (cursor: number): string => cursor.toString(16).padStart(16, '0');

/** What happened and was not acknowledged, oldest first. Each change returns the records to write with the event's own. */
export class EventQueue {
  readonly #events: QueuedEvent[];
  #next: number;

  /** `events` as read from disk, in the order of their keys. */
  constructor(events: readonly QueuedEvent[] = []) {
    this.#events = [...events];
    this.#next = (this.#events.at(-1)?.cursor ?? 0) + 1;
  }

  get oldest(): QueuedEvent | null {
    return this.#events[0] ?? null;
  }

  after(cursor: number): readonly QueuedEvent[] {
    return this.#events.filter((queued) => queued.cursor > cursor);
  }

  add(event: NodeEvent, at: Timestamp): readonly Write[] {
    // A restart after all was acknowledged counts from 1 again, which no reader can mix up: nothing older is left.
    const queued: QueuedEvent = { cursor: this.#next++, at, event };
    this.#events.push(queued);
    const writes = [put('event', keyOf(queued.cursor), encode(queuedEventRecord, queued))];
    const dropped = this.#events.length > LIMIT ? this.#events.shift() : undefined;
    return dropped === undefined ? writes : [...writes, remove('event', keyOf(dropped.cursor))];
  }

  /** Acknowledges `cursor` and all before it. */
  handled(cursor: number): readonly Write[] {
    // From the front, not through all: whoever reads a burst of events acknowledges each.
    const first = this.#events.findIndex((queued) => queued.cursor > cursor);
    const done = this.#events.splice(0, first < 0 ? this.#events.length : first);
    return done.map((queued) => remove('event', keyOf(queued.cursor)));
  }
}
