import type { NodeId } from '../base/ids.ts';
import { put, remove, type Write } from '../base/write.ts';
import { utf8 } from '../codec/bytes.ts';
import { encode, type Infer } from '../codec/field.ts';
import { nodeId } from '../codec/ids.ts';
import { u16 } from '../codec/integers.ts';
import { record } from '../codec/record.ts';

/** A peer that we connect to at each start. Table `peer`, key: its node id. */
export const peerRecord = record(1, { nodeId, host: utf8, port: u16 });
export type KeptPeer = Infer<typeof peerRecord>;

export const writePeer = (peer: KeptPeer): Write => put('peer', peer.nodeId, encode(peerRecord, peer));
export const forgetPeer = (id: NodeId): Write => remove('peer', id);
