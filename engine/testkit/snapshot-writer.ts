import { fromHex } from '../base/bytes.ts';
import { blockHashToBytes, type BlockHash, type NodeId } from '../base/ids.ts';
import { Writer } from '../codec/writer.ts';

export type ToldPolicy = {
  readonly scid: bigint;
  readonly direction: 0 | 1;
  readonly disabled?: boolean;
  /** What is left out: the default of the snapshot, or, when incremental, as it was. */
  readonly cltvDelta?: number;
  readonly htlcMinimum?: bigint;
  readonly feeBase?: number;
  readonly feeProportionalMillionths?: number;
  readonly htlcMaximum?: bigint;
  readonly incremental?: boolean;
};

export type ToldNode = {
  readonly id: NodeId;
  readonly addresses?: readonly Uint8Array[];
  readonly features?: Uint8Array;
  /** 1 to 6: one of the defaults. */
  readonly defaultFeatures?: number;
};

export type ToldChannel = {
  readonly scid: bigint;
  readonly nodeA: NodeId;
  readonly nodeB: NodeId;
  /** Satoshis; version 2. */
  readonly capacity?: bigint;
};

export type ToldSnapshot = {
  readonly version: 1 | 2;
  readonly chainHash: BlockHash;
  readonly at: number;
  /** Those of the channels need not stand here. */
  readonly nodes?: readonly ToldNode[];
  readonly defaultFeatures?: readonly Uint8Array[];
  /** In rising order. */
  readonly channels: readonly ToldChannel[];
  /** In rising order. */
  readonly policies: readonly ToldPolicy[];
  readonly defaults?: Required<
    Pick<ToldPolicy, 'cltvDelta' | 'htlcMinimum' | 'feeBase' | 'feeProportionalMillionths' | 'htlcMaximum'>
  >;
};

const DEFAULTS = {
  cltvDelta: 40,
  htlcMinimum: 1_000n,
  feeBase: 1_000,
  feeProportionalMillionths: 1,
  htlcMaximum: 990_000_000n,
};

/** As rapid-gossip-sync-server writes it. */
export function writeSnapshot(told: ToldSnapshot): Uint8Array {
  const { version, channels, policies, defaultFeatures = [], defaults = DEFAULTS } = told;
  const writer = new Writer();
  writer.bytes(Uint8Array.of(76, 68, 75, version));
  writer.bytes(blockHashToBytes(told.chainHash));
  writer.u32(told.at);
  if (version === 2) {
    writer.u8(defaultFeatures.length);
    for (const set of defaultFeatures) writer.sized16(() => writer.bytes(set));
  }
  const nodes = new Map<NodeId, ToldNode>();
  for (const { nodeA, nodeB } of channels) for (const id of [nodeA, nodeB]) nodes.set(id, { id });
  for (const node of told.nodes ?? []) nodes.set(node.id, node);
  writer.u32(nodes.size);
  for (const node of nodes.values()) writeNode(writer, version, node);
  const indices = new Map([...nodes.keys()].map((id, index) => [id, index]));

  writer.u32(channels.length);
  let last = 0n;
  for (const { scid, nodeA, nodeB, capacity } of channels) {
    writer.u16(0);
    writer.bigsize(scid - last);
    last = scid;
    writer.bigsize(indices.get(nodeA) ?? 0);
    const second = BigInt(indices.get(nodeB) ?? 0);
    writer.bigsize(version === 2 && capacity !== undefined ? second | (1n << 63n) : second);
    if (version !== 2 || capacity === undefined) continue;
    writer.sized16(() => writer.bigsize(capacity));
  }

  writer.u32(policies.length);
  if (policies.length > 0) {
    writer.u16(defaults.cltvDelta);
    writer.u64(defaults.htlcMinimum);
    writer.u32(defaults.feeBase);
    writer.u32(defaults.feeProportionalMillionths);
    writer.u64(defaults.htlcMaximum);
  }
  last = 0n;
  for (const policy of policies) {
    writer.bigsize(policy.scid - last);
    last = policy.scid;
    writePolicy(writer, policy);
  }
  return writer.finish();
}

function writeNode(
  writer: Writer,
  version: 1 | 2,
  { id, addresses, features, defaultFeatures }: ToldNode,
): void {
  const key = fromHex(id);
  if (version === 2) {
    const set = features === undefined ? (defaultFeatures ?? 0) : 7;
    key[0] = (key[0] ?? 0) | (addresses === undefined ? 0 : 1 << 2) | (set << 3);
  }
  writer.bytes(key);
  if (version === 1) return;
  if (addresses !== undefined) {
    writer.u8(addresses.length);
    for (const address of addresses) {
      writer.u8(address.length);
      writer.bytes(address);
    }
  }
  if (features !== undefined) writer.sized16(() => writer.bytes(features));
}

function writePolicy(writer: Writer, policy: ToldPolicy): void {
  const { cltvDelta, htlcMinimum, feeBase, feeProportionalMillionths, htlcMaximum } = policy;
  writer.u8(
    policy.direction |
      (policy.disabled === true ? 1 << 1 : 0) |
      (htlcMaximum === undefined ? 0 : 1 << 2) |
      (feeProportionalMillionths === undefined ? 0 : 1 << 3) |
      (feeBase === undefined ? 0 : 1 << 4) |
      (htlcMinimum === undefined ? 0 : 1 << 5) |
      (cltvDelta === undefined ? 0 : 1 << 6) |
      (policy.incremental === true ? 1 << 7 : 0),
  );
  if (cltvDelta !== undefined) writer.u16(cltvDelta);
  if (htlcMinimum !== undefined) writer.u64(htlcMinimum);
  if (feeBase !== undefined) writer.u32(feeBase);
  if (feeProportionalMillionths !== undefined) writer.u32(feeProportionalMillionths);
  if (htlcMaximum !== undefined) writer.u64(htlcMaximum);
}
