import type { Network } from '../../base/network.ts';
import type { Msat } from '../../base/units.ts';
import {
  briefOf,
  briefRecord,
  distrusted,
  durableOfBrief,
  reachedBy,
  wholeChannel,
  type BriefChannel,
  type Reached,
} from '../../channel/backup.ts';
import type { Durable } from '../../channel/state.ts';
import { utf8 } from '../../codec/bytes.ts';
import { encode, parse, type Field, type Infer } from '../../codec/field.ts';
import type { DecodeError } from '../../codec/decode-error.ts';
import { varInt } from '../../codec/integers.ts';
import { record } from '../../codec/record.ts';
import { list } from '../../codec/sequences.ts';
import { tlv, tlvs } from '../../codec/tlv.ts';
import { timestampVar } from '../../codec/units.ts';
import type { ChannelSigner } from '../../commitment/signer.ts';
import type { Result } from '../../base/result.ts';
import { incomingRecord } from '../../payment/incoming-record.ts';
import { outgoingRecord } from '../../payment/outgoing-record.ts';
import type { PaymentHistory } from '../../payment/payment-history.ts';
import { peerRecord, type KeptPeer } from '../peer-record.ts';
import { deviceId, moves, type Moves } from './records.ts';

/** `make`, once for each key as long as someone holds this: what it is made from never changes. */
function once<K extends object, V extends object>(make: (key: K) => V): (key: K) => V {
  const made = new WeakMap<K, V>();
  return (key) => {
    const value = made.get(key) ?? make(key);
    made.set(key, value);
    return value;
  };
}

/** A value of the field as bytes: a copy for each peer, of the same states, does not encode each again. */
const wholeBytes = once((channel: Durable) => encode(wholeChannel, channel));
const briefBytes = once((brief: BriefChannel) => encode(briefRecord, brief));

const written = <T>(field: Field<T>, bytesOf: (value: T) => Uint8Array): Field<T> => ({
  ...field,
  write: (writer, value) => writer.bytes(bytesOf(value)),
});

/** What a device made. */
const part = {
  /** Counts up with each backup of these words: of several the highest is the newest. */
  counter: varInt,
  at: timestampVar,
  peers: list(peerRecord),
  whole: list(written(wholeChannel, wholeBytes)),
  brief: list(written(briefRecord, briefBytes)),
  /** Channels for which there was no room. */
  leftOut: varInt,
};

const othersPart = record(1, { device: deviceId, ...part });
export type OthersPart = Infer<typeof othersPart>;

const contentRecord = record(
  1,
  { network: utf8, ...part },
  // Odd: money comes back without them.
  tlvs({
    // In files alone.
    sent: tlv(1, list(outgoingRecord)),
    received: tlv(3, list(incomingRecord)),
    /** Who made it. */
    device: tlv(5, deviceId),
    /** In files alone. */
    moves: tlv(7, moves),
    /** With a peer that has channels of several devices: what the others made, as it was. */
    others: tlv(9, list(othersPart)),
  }),
);
export type BackupContent = Infer<typeof contentRecord>;

/** What one device made; those from before devices had names do not say which. */
export type BackupPart = Omit<OthersPart, 'device'> & Pick<BackupContent, 'device'>;
/** The maker's first. */
export const partsOf = (content: BackupContent): readonly BackupPart[] => [
  content,
  ...(content.others ?? []),
];

/** What was paid, and what moved: in files alone. */
export type FileHistory = PaymentHistory & { readonly moves?: Moves };

/** What a backup is made of. */
export type BackupSource = {
  readonly network: Network;
  readonly counter: number;
  readonly at: BackupContent['at'];
  readonly device?: Uint8Array;
  readonly peers: readonly KeptPeer[];
  readonly channels: readonly Durable[];
  readonly history?: FileHistory;
  readonly others?: readonly OthersPart[];
};

/** Of everything but the lists: name, counter, time, counts, device. */
const FRAME = 66;
/** Of what others made, besides themselves: type, length, count, and a longer length around it. */
const OTHERS_FRAME = 12;

const findable = once(briefOf);

/** The least of a channel, without what only our own commitment needs. */
const leastOfBrief = once((brief: BriefChannel): BriefChannel => {
  const { own: _, ...least } = brief;
  return least;
});
const leastOf = (channel: Durable): BriefChannel => leastOfBrief(findable(channel));

const shortened = (made: OthersPart): OthersPart => ({
  ...made,
  whole: [],
  brief: [...made.whole.map(leastOf), ...made.brief.map(leastOfBrief)],
});

/** What a channel takes, by how much of it is written. */
const SIZE = {
  least: (channel: Durable): number => briefBytes(leastOf(channel)).length,
  brief: (channel: Durable): number => briefBytes(findable(channel)).length,
  whole: (channel: Durable): number => wholeBytes(channel).length,
} as const;
type Form = keyof typeof SIZE;

/**
 * As much as fits into `room` bytes: first the least of every channel, those with most money first, with how to reach
 * their peers; then, in the same order, what finds our own commitments; then the whole of each.
 */
export const composeContent = (source: BackupSource, room: number): Uint8Array =>
  encode(contentRecord, fitted(source, room));

/**
 * Beside what other devices made, of which no channel gives way to ours: as it was, or the least of each of its channels
 * where more of ours have room then. Null: none has.
 */
export function composeBeside(
  source: BackupSource,
  others: readonly OthersPart[],
  room: number,
): Uint8Array | null {
  if (others.length === 0) return composeContent(source, room);
  const asTheyWere = fitted({ ...source, others }, room);
  const short = fitted({ ...source, others: others.map(shortened) }, room);
  const best = short.leftOut < asTheyWere.leftOut ? short : asTheyWere;
  return best.whole.length + best.brief.length === 0 ? null : encode(contentRecord, best);
}

function fitted({ channels, peers, history, others, ...head }: BackupSource, room: number): BackupContent {
  const open = channels
    .filter(({ phase }) => phase !== 'closed')
    .sort((a, b) => Number(b.ledger.local - a.ledger.local));
  const addresses = new Map(peers.map((peer) => [peer.nodeId, peer]));
  const reached = new Set<KeptPeer>();
  const chosen = new Map<Durable, Form>();
  const beside = others === undefined ? 0 : OTHERS_FRAME + encode(list(othersPart), others).length;
  let left = room - FRAME - beside;
  for (const channel of open) {
    const address = addresses.get(channel.params.peerId);
    const news = address === undefined || reached.has(address) ? 0 : encode(peerRecord, address).length;
    const size = SIZE.least(channel) + news;
    if (size > left) continue;
    left -= size;
    chosen.set(channel, 'least');
    if (address !== undefined) reached.add(address);
  }
  for (const form of ['brief', 'whole'] as const)
    for (const channel of chosen.keys()) {
      const more = SIZE[form](channel) - SIZE[chosen.get(channel) ?? 'least'](channel);
      if (more > left) continue;
      left -= more;
      chosen.set(channel, form);
    }
  const those = (wanted: Form): readonly Durable[] =>
    [...chosen].flatMap(([channel, form]) => (form === wanted ? [channel] : []));
  return {
    ...head,
    peers: [...reached],
    whole: those('whole'),
    brief: [...those('brief').map(findable), ...those('least').map(leastOf)],
    leftOut: open.length - chosen.size,
    ...history,
    ...(others === undefined ? {} : { others }),
  };
}

/** Zeros may follow. */
export const readContent = (bytes: Uint8Array): Result<BackupContent, DecodeError> =>
  parse(bytes, (reader) => {
    const content = contentRecord.read(reader);
    if (reader.bytes(reader.remaining).some((byte) => byte !== 0)) reader.fail('trailing');
    return content;
  });

/** A channel of a backup, as it may go on here. */
export type SavedChannel = {
  readonly durable: Durable;
  readonly reached: Reached;
  /** False: the least of it, see `briefRecord`. */
  readonly isWhole: boolean;
  readonly local: Msat;
};

/** `signerOf`: by a channel's key id. */
export function channelsIn(
  content: Pick<BackupPart, 'whole' | 'brief'>,
  signerOf: (keyId: Uint8Array) => ChannelSigner,
): readonly SavedChannel[] {
  const whole = content.whole.map((saved) => ({
    durable: distrusted(saved),
    reached: reachedBy(saved),
    isWhole: true,
    local: saved.ledger.local,
  }));
  const brief = content.brief.map((saved: BriefChannel) => ({
    durable: durableOfBrief(saved, signerOf(saved.keyId)),
    reached: { localNumber: saved.localNumber, remoteNumber: saved.remoteNumber, unacked: false },
    isWhole: false,
    local: saved.local,
  }));
  return [...whole, ...brief];
}
