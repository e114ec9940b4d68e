import type { Timestamp } from '../base/units.ts';
import { hasRival } from '../channel/funded.ts';
import type { Alarm } from './api.ts';
import type { HostedChannel } from './channel-host.ts';

/** What a process before this one was told and acknowledged, and what still holds: shown again, told once. */
export function standingAlarms(
  channels: Iterable<HostedChannel>,
  known: readonly Alarm[],
  at: Timestamp,
): readonly Alarm[] {
  const code = 'double-spent';
  const isKnown = (id: string): boolean => known.some((alarm) => alarm.code === code && alarm.detail === id);
  return [...channels].flatMap(({ id, state: { durable } }) =>
    durable !== null && hasRival(durable) && !isKnown(id) ? [{ code, detail: id, at }] : [],
  );
}
