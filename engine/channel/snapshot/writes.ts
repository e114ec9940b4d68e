import { assert } from '../../base/assert.ts';
import type { ChannelId } from '../../base/ids.ts';
import { put, remove, type Write } from '../../base/write.ts';
import { encode } from '../../codec/field.ts';
import type { ShachainStore } from '../../crypto/shachain.ts';
import { isAlwaysTrimmed } from '../always-trimmed.ts';
import type { LiveHtlc } from '../ledger.ts';
import type { Core, Durable, Outcome } from '../state.ts';
import { fundingRecord, signaturesRecord } from './funding-record.ts';
import { gossipRecord } from './gossip-record.ts';
import { headRecord } from './head-record.ts';
import { headOf } from './head.ts';
import { addRecord, monitorRecord, outcomeRecord, removalRecord } from './htlc-record.ts';
import { keysOf } from './keys.ts';
import { shachainRecord } from './shachain-record.ts';
import { staticRecord } from './static-record.ts';

/**
 * What must be written to turn the records of `before` into those of `after`. Parts that are the same value are not
 * looked into: nobody who makes a new state can forget to write it, and what did not change costs nothing.
 */
export function writesBetween(before: Durable | null, after: Durable | null): readonly Write[] {
  if (before === after || after === null) return [];
  const isNew = before?.params !== after.params;
  // But for those of a channel of which a backup had only the least, when one comes that has all of it.
  assert(
    before === null || !isNew || after.phase === 'data-loss' || after.phase === 'closing',
    'the parameters of a channel never change',
  );
  const keys = keysOf(after.params.channelId);
  const writes: Write[] = [];
  if (isNew) writes.push(put('channel', keys.static, encode(staticRecord, after)));
  if (before === null || headChanged(before, after))
    writes.push(put('channel', keys.head, encode(headRecord, headOf(after))));
  if (before === null || gossipChanged(before, after))
    writes.push(put('channel', keys.gossip, encode(gossipRecord, after)));
  writeFundings(writes, before, after);
  writeShachain(writes, after.params.channelId, before?.shachain ?? [], after.shachain);
  for (const direction of ['outgoing', 'incoming'] as const)
    writeHtlcs(writes, before ?? after, before?.ledger[direction] ?? NONE, after.ledger[direction]);
  writeOutcomes(writes, after.params.channelId, before?.outcomes ?? NONE, after.outcomes);
  return writes;
}

const NONE: ReadonlyMap<bigint, never> = new Map<bigint, never>();

const headChanged = (before: Durable, after: Durable): boolean =>
  before.phase !== after.phase ||
  before.ledger !== after.ledger ||
  before.readySent !== after.readySent ||
  before.readyReceived !== after.readyReceived ||
  before.failedAt !== after.failedAt ||
  before.overdueAt !== after.overdueAt ||
  phaseChanged(before, after);

/** The parts that only one phase has. */
function phaseChanged(before: Durable, after: Durable): boolean {
  const known = new Map<string, unknown>(Object.entries(before));
  return Object.entries(after).some(([name, value]) => !SHARED.has(name) && known.get(name) !== value);
}

const SHARED: ReadonlySet<string> = new Set<keyof Core>([
  'params',
  'active',
  'ledger',
  'shachain',
  'outcomes',
  'createdAt',
  'readySent',
  'readyReceived',
  'localAlias',
  'remoteAlias',
  'announcement',
  'relay',
  'remotePolicy',
  'updatedAt',
  'failedAt',
  'overdueAt',
]);

const gossipChanged = (before: Core, after: Core): boolean =>
  before.remoteAlias !== after.remoteAlias ||
  before.announcement !== after.announcement ||
  before.relay !== after.relay ||
  before.remotePolicy !== after.remotePolicy ||
  before.updatedAt !== after.updatedAt;

function writeFundings(writes: Write[], before: Core | null, after: Core): void {
  const keys = keysOf(after.params.channelId);
  for (const [n, active] of after.active.entries()) {
    const old = before?.active[n];
    if (old === active) continue;
    if (
      old?.funding !== active.funding ||
      old.fundingTx !== active.fundingTx ||
      old.confirmed !== active.confirmed ||
      old.rival !== active.rival
    )
      writes.push(put('channel', keys.funding(n), encode(fundingRecord, active)));
    if (
      old?.remoteSignature !== active.remoteSignature ||
      old.remoteHtlcSignatures !== active.remoteHtlcSignatures
    )
      writes.push(put('channel', keys.signatures(n), encode(signaturesRecord, active)));
  }
  for (let n = after.active.length; n < (before?.active.length ?? 0); n++)
    writes.push(remove('channel', keys.funding(n)), remove('channel', keys.signatures(n)));
}

function writeShachain(
  writes: Write[],
  channelId: ChannelId,
  before: ShachainStore,
  after: ShachainStore,
): void {
  if (before === after) return;
  for (const [place, entry] of after.entries())
    if (entry !== null && entry !== before[place])
      writes.push(put('shachain', keysOf(channelId).shachain(place), encode(shachainRecord, entry)));
}

function writeHtlcs(
  writes: Write[],
  { params }: Core,
  before: ReadonlyMap<bigint, LiveHtlc>,
  after: ReadonlyMap<bigint, LiveHtlc>,
): void {
  if (before === after) return;
  const keys = keysOf(params.channelId);
  // Side by side, as far as both have the same: in a burst, all but the last, of which none is looked up.
  const olds = before.values();
  let same = 0;
  for (const htlc of after.values()) {
    if (olds.next().value === htlc) {
      same++;
      continue;
    }
    const old = before.get(htlc.add.id);
    if (old === htlc) continue;
    if (old?.add !== htlc.add) writes.push(put('htlc', keys.htlc(htlc.add), encode(addRecord, htlc.add)));
    if (htlc.removal !== null && old?.removal !== htlc.removal)
      writes.push(put('htlc', keys.removal(htlc.add), encode(removalRecord, htlc.removal)));
  }
  if (same === before.size) return;
  for (const { add, step, removal } of before.values()) {
    if (after.has(add.id)) continue;
    writes.push(remove('htlc', keys.htlc(add)));
    if (removal !== null) writes.push(remove('htlc', keys.removal(add)));
    // It was in a commitment of the peer, which may yet be published.
    if (step > 0 && !isAlwaysTrimmed(params, add))
      writes.push(put('monitor', keys.htlc(add), encode(monitorRecord, add)));
  }
}

function writeOutcomes(
  writes: Write[],
  channelId: ChannelId,
  before: ReadonlyMap<bigint, Outcome>,
  after: ReadonlyMap<bigint, Outcome>,
): void {
  if (before === after) return;
  const keys = keysOf(channelId);
  for (const [id, outcome] of after)
    if (before.get(id) !== outcome)
      writes.push(put('htlc', keys.outcome(id), encode(outcomeRecord, outcome)));
  for (const id of before.keys()) if (!after.has(id)) writes.push(remove('htlc', keys.outcome(id)));
}
