import type { ChannelId } from '../base/ids.ts';
import { err, ok, type Result } from '../base/result.ts';
import type { Table } from '../base/write.ts';
import type { DecodeErrorCode } from '../codec/decode-error.ts';
import { decode, type Field } from '../codec/field.ts';
import { EMPTY_SHACHAIN, type ShachainEntry } from '../crypto/shachain.ts';
import type { LiveHtlc } from './ledger.ts';
import { fundingRecord, signaturesRecord } from './snapshot/funding-record.ts';
import { gossipRecord } from './snapshot/gossip-record.ts';
import { headRecord, type Head } from './snapshot/head-record.ts';
import { inPhaseOf } from './snapshot/head.ts';
import { addRecord, outcomeRecord, removalRecord } from './snapshot/htlc-record.ts';
import { keysOf } from './snapshot/keys.ts';
import { shachainRecord } from './snapshot/shachain-record.ts';
import { staticRecord } from './snapshot/static-record.ts';
import { liveMarks, type ActiveCommitment, type Core, type Durable, type Outcome } from './state.ts';

type Rows = ReadonlyMap<string, Uint8Array>;

/** A record that is missing or cannot be read. Nothing is ever taken to be absent because of it. */
export type LoadError = { readonly key: string; readonly code: DecodeErrorCode | 'missing' };

/** Every channel on disk. `rowsOf` gives whole tables: 'channel', 'htlc' and 'shachain' are looked at. */
export function loadChannels(rowsOf: (table: Table) => Rows): Result<readonly Durable[], LoadError> {
  const tables = { channel: rowsOf('channel'), htlc: rowsOf('htlc'), shachain: rowsOf('shachain') };
  try {
    return ok(channelIds(tables.channel).map((id) => loadChannel(id, tables)));
  } catch (thrown) {
    if (thrown instanceof LoadFault) return err(thrown.error);
    throw thrown;
  }
}

class LoadFault extends Error {
  readonly error: LoadError;

  constructor(error: LoadError) {
    super(error.code);
    this.error = error;
  }
}

type Tables = { readonly channel: Rows; readonly htlc: Rows; readonly shachain: Rows };

/** Any record of a channel makes it one that must be readable whole. */
function channelIds(rows: Rows): readonly ChannelId[] {
  const ids = new Set<string>();
  for (const key of rows.keys()) ids.add(key.split('/')[0] ?? '');
  return [...ids] as ChannelId[];
}

function read<T>(rows: Rows, key: string, field: Field<T>): T {
  const bytes = rows.get(key);
  if (bytes === undefined) throw new LoadFault({ key, code: 'missing' });
  const decoded = decode(field, bytes);
  if (!decoded.ok) throw new LoadFault({ key, code: decoded.error.code });
  return decoded.value;
}

const readIfAny = <T>(rows: Rows, key: string, field: Field<T>): T | null =>
  rows.has(key) ? read(rows, key, field) : null;

function loadChannel(id: ChannelId, tables: Tables): Durable {
  const keys = keysOf(id);
  const fixed = read(tables.channel, keys.static, staticRecord);
  const head = read(tables.channel, keys.head, headRecord);
  const core: Core = {
    ...fixed,
    ...read(tables.channel, keys.gossip, gossipRecord),
    active: loadFundings(id, tables.channel),
    ledger: {
      ...head.ledger,
      outgoing: loadHtlcs(id, 'outgoing', head.ledger.outgoing, tables.htlc),
      incoming: loadHtlcs(id, 'incoming', head.ledger.incoming, tables.htlc),
    },
    shachain: loadShachain(id, tables.shachain),
    outcomes: loadOutcomes(id, tables.htlc),
    readySent: head.readySent,
    readyReceived: head.readyReceived,
    ...liveMarks(head),
  };
  return inPhaseOf(core, head);
}

function loadFundings(id: ChannelId, rows: Rows): Core['active'] {
  const keys = keysOf(id);
  const load = (n: number): ActiveCommitment => ({
    ...read(rows, keys.funding(n), fundingRecord),
    ...read(rows, keys.signatures(n), signaturesRecord),
  });
  const others: ActiveCommitment[] = [];
  for (let n = 1; rows.has(keys.funding(n)); n++) others.push(load(n));
  return [load(0), ...others];
}

function loadHtlcs(
  id: ChannelId,
  direction: 'outgoing' | 'incoming',
  steps: Head['ledger']['outgoing'],
  rows: Rows,
): ReadonlyMap<bigint, LiveHtlc> {
  const keys = keysOf(id);
  return new Map(
    Array.from(steps, ([htlcId, { step }]) => {
      const name = { direction, id: htlcId };
      const add = read(rows, keys.htlc(name), addRecord);
      return [htlcId, { add, step, removal: readIfAny(rows, keys.removal(name), removalRecord) }];
    }),
  );
}

function loadShachain(id: ChannelId, rows: Rows): Core['shachain'] {
  return EMPTY_SHACHAIN.map((_, place): ShachainEntry | null =>
    readIfAny(rows, keysOf(id).shachain(place), shachainRecord),
  );
}

function loadOutcomes(id: ChannelId, rows: Rows): ReadonlyMap<bigint, Outcome> {
  const prefix = `${id}/outcome/`;
  const outcomes = new Map<bigint, Outcome>();
  for (const key of rows.keys())
    if (key.startsWith(prefix))
      outcomes.set(BigInt(key.slice(prefix.length)), read(rows, key, outcomeRecord));
  return outcomes;
}
