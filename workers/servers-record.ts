import type { Network } from '../engine/base/network.ts';
import { err, type Result } from '../engine/base/result.ts';
import { decodeUtf8 } from '../engine/base/utf8.ts';
import { utf8 } from '../engine/codec/bytes.ts';
import { bool, option } from '../engine/codec/choices.ts';
import { decode, encode, type Infer } from '../engine/codec/field.ts';
import { nodeId } from '../engine/codec/ids.ts';
import { u16, varInt } from '../engine/codec/integers.ts';
import { record } from '../engine/codec/record.ts';
import { list } from '../engine/codec/sequences.ts';
import { tlv, tlvs } from '../engine/codec/tlv.ts';
import { struct } from '../engine/codec/struct.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import { parseNetworkServers } from '../engine/node/servers-config.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';

const place = { alias: utf8, nodeId, host: utf8, port: u16 };

/**
 * The servers in use when a person chose some of them. Table `meta`, key `servers`. `chosen`: the names of the fields that
 * were; all where it is missing, as in what former programs wrote.
 */
export const serversRecord = record(
  1,
  {
    esplora: list(utf8),
    proxies: list(utf8),
    snapshots: list(utf8),
    scores: list(utf8),
    peers: list(struct(place)),
    lsps: list(struct({ ...place, token: option(utf8), trusted: bool })),
    lspFeeLimitSat: varInt,
    pushRelay: option(utf8),
    probing: option(struct({ everySeconds: varInt, mostSat: varInt })),
    faucet: option(utf8),
  },
  tlvs({ chosen: tlv(1, list(utf8)) }),
);

/** Before there was a version byte the record was JSON, without what later programs added. */
const JSON_START = 0x7b;

function fromJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(decodeUtf8(bytes) ?? '');
  } catch {
    return null;
  }
}

/** `servers`: what `parseNetworkServers` took. */
export const encodeServers = (
  { probing = null, ...servers }: NetworkServers,
  chosen?: readonly string[],
): Uint8Array =>
  // Checked servers have checked ids.
  encode(serversRecord, { ...servers, probing, ...(chosen && { chosen }) } as Infer<typeof serversRecord>);

/** The fields that were chosen. Null: all of them. */
export function chosenOf(bytes: Uint8Array): readonly string[] | null {
  if (bytes[0] === JSON_START) return null;
  const read = decode(serversRecord, bytes);
  return read.ok ? (read.value.chosen ?? null) : null;
}

export function decodeServers(
  bytes: Uint8Array,
  network: Network,
): Result<NetworkServers, Extract<Refusal, { code: 'invalid-config' }>> {
  if (bytes[0] === JSON_START) return parseNetworkServers(fromJson(bytes), 'servers', network);
  const read = decode(serversRecord, bytes);
  return read.ok
    ? parseNetworkServers(read.value, 'servers', network)
    : err({ code: 'invalid-config', field: 'servers', detail: read.error.code });
}
