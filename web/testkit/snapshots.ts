import type { Network } from '../../engine/base/network.ts';
import type {
  Balances,
  ChannelDetails,
  NodeStatus,
  PaymentDetails,
  PeerDetails,
  Snapshots,
} from '../../engine/node/api.ts';
import type { BackupDetails, BackupPeer } from '../../engine/node/backup-api.ts';
import type { ChannelStateCode } from '../../engine/node/refusal.ts';

/** Monday 15 June 2026, 12:00 UTC. */
export const NOW = 1_781_524_800;

export const hex = (seed: number, bytes = 32): string =>
  Array.from({ length: bytes }, (_, index) =>
    ((seed * 167 + index * 73) % 256).toString(16).padStart(2, '0'),
  ).join('');
export const nodeIdOf = (seed: number): string => `02${hex(seed)}`;

export const status = (
  change: Partial<NodeStatus['chain']> = {},
  rest: Partial<NodeStatus> = {},
): NodeStatus => ({
  running: true,
  network: 'regtest',
  nodeId: nodeIdOf(9),
  chain: {
    tipHeight: 868_412,
    tipHash: hex(3),
    lastSyncAt: NOW - 20,
    syncing: false,
    reachable: true,
    trouble: null,
    feerates: { fast: 12.4, normal: 6, slow: 1.5 },
    ...change,
  },
  alarms: [],
  ...rest,
});

export const balances = (
  sat: Partial<
    Record<
      | 'onchain'
      | 'kept'
      | 'keptWanted'
      | 'incoming'
      | 'lightning'
      | 'receivable'
      | 'opening'
      | 'closing'
      | 'inFlight',
      bigint
    >
  >,
): Balances => {
  const of = (name: keyof typeof sat): bigint => sat[name] ?? 0n;
  const local = of('lightning') * 1000n;
  return {
    onchain: {
      confirmedSat: of('onchain'),
      trustedPendingSat: 0n,
      pendingSat: of('incoming'),
      reservedSat: 0n,
      spendableSat: of('onchain'),
      keptSat: of('kept'),
      keptWantedSat: sat.keptWanted ?? of('kept'),
    },
    lightning: {
      localMsat: local,
      sendableMsat: (local * 98n) / 100n,
      receivableMsat: of('receivable') * 1000n,
      inFlightMsat: of('inFlight') * 1000n,
    },
    openingSat: of('opening'),
    closingSat: of('closing'),
    totalMsat:
      local + (of('onchain') + of('incoming') + of('opening') + of('closing') + of('inFlight')) * 1000n,
  };
};

export const channel = (
  seed: number,
  state: ChannelStateCode,
  local: bigint,
  remote: bigint,
  change: Partial<ChannelDetails> = {},
): ChannelDetails => ({
  channelId: hex(seed + 40),
  peerNodeId: nodeIdOf(seed),
  peerAlias: ['Playground', 'Ada', 'River crossing', null][seed % 4] ?? null,
  state,
  capacitySat: local + remote,
  localMsat: local * 1000n,
  remoteMsat: remote * 1000n,
  sendableMsat: state === 'ready' ? local * 980n : 0n,
  receivableMsat: state === 'ready' ? remote * 980n : 0n,
  reserveSat: (local + remote) / 100n,
  pendingIncomingMsat: 0n,
  pendingOutgoingMsat: 0n,
  pendingHtlcs: 0,
  isOpener: seed % 2 === 0,
  isAnnounced: false,
  isUsable: state === 'ready',
  channelType: 'anchors',
  fundingTxId: hex(seed + 80),
  fundingIndex: 0,
  confirmations: state === 'waiting-for-confirmations' ? 1 : 6,
  confirmationsRequired: 3,
  shortChannelId: '868400x12x0',
  feeratePerKw: 2500,
  closing: null,
  isUnproven: false,
  failsAtHeight: null,
  isOverused: false,
  ...change,
});

export const payment = (seed: number, change: Partial<PaymentDetails> = {}): PaymentDetails => ({
  id: hex(seed),
  kind: 'bolt11',
  direction: seed % 3 === 0 ? 'incoming' : 'outgoing',
  state: 'succeeded',
  amountMsat: BigInt(1 + ((seed * 7919) % 240_000)) * 1000n,
  feeMsat: seed % 3 === 0 ? null : BigInt((seed * 37) % 9000),
  toSelf: false,
  description:
    ['Tea and cake', 'Train ticket', '', 'Rent for June, second half', 'Ferry', ''][seed % 6] ?? '',
  label: '',
  createdAt: NOW - 600 - seed * 5400,
  settledAt: NOW - 598 - seed * 5400,
  expiresAt: NOW + 3000,
  paymentHash: hex(seed),
  preimage: hex(seed + 1),
  invoice: `lnbcrt${hex(seed, 90)}`,
  peerNodeId: nodeIdOf(seed % 4),
  txId: null,
  confirmations: null,
  failure: null,
  attempts: 1,
  cameTo: [],
  ...change,
});

export const onchain = (seed: number, change: Partial<PaymentDetails> = {}): PaymentDetails =>
  payment(seed, {
    kind: 'onchain',
    paymentHash: null,
    preimage: null,
    invoice: null,
    peerNodeId: null,
    expiresAt: null,
    txId: hex(seed + 120),
    confirmations: 3,
    description: '',
    attempts: 0,
    ...change,
  });

export const peer = (seed: number, change: Partial<PeerDetails> = {}): PeerDetails => ({
  nodeId: nodeIdOf(seed),
  host: '127.0.0.1',
  port: 9735 + seed,
  alias: ['Playground', 'Ada', 'River crossing', null][seed % 4] ?? null,
  state: 'connected',
  persisted: true,
  lastError: null,
  ...change,
});

export const page = (payments: readonly PaymentDetails[], from = 0, size = 50): Snapshots['payments'] => ({
  payments: payments.slice(from, from + size),
  next: payments.length > from + size ? String(from + size) : null,
});

export const backupPeer = (seed: number, change: Partial<BackupPeer> = {}): BackupPeer => ({
  nodeId: nodeIdOf(seed),
  alias: ['Playground', 'Ada', 'River crossing', null][seed % 4] ?? null,
  connected: true,
  state: 'kept',
  sent: { counter: 12, at: NOW - 240 },
  checkedAt: NOW - 7_200,
  isBrief: false,
  ...change,
});

export const backup = (change: Partial<BackupDetails> = {}): BackupDetails => ({
  counter: 0,
  isBehind: false,
  channels: 0,
  peers: [],
  file: null,
  keptForPeers: 0,
  search: null,
  ...change,
});

export const snapshots = (change: Partial<Snapshots> = {}, network: Network = 'regtest'): Snapshots => ({
  status: status({}, { network }),
  balances: balances({}),
  channels: [],
  peers: [],
  payments: page([]),
  backup: backup(),
  ...change,
});
