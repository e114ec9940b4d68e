import type { Refusal } from '../../engine/node/refusal.ts';
import type {
  NodeApi,
  PaymentDetails,
  PaymentPart,
  QueuedEvent,
  Snapshots,
  Topic,
} from '../../engine/node/api.ts';
import type { LogLine, NetworkServers, WalletService, WalletState } from '../../engine/node/service-api.ts';
import { NOW, hex, nodeIdOf, page } from './snapshots.ts';

export const ok = <T>(value: T): Promise<{ readonly ok: true; readonly value: T }> =>
  Promise.resolve({ ok: true, value });
export const no = (refusal: Refusal): Promise<{ readonly ok: false; readonly error: Refusal }> =>
  Promise.resolve({ ok: false, error: refusal });
/** For what never comes. */
export const never = (): Promise<never> => new Promise(() => undefined);

export const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';
export const WORDS = 'legal winner thank year wave sausage worth useful legal winner thank yellow'.split(' ');

export type Scenario = {
  readonly state: WalletState;
  readonly snapshots: Snapshots;
  readonly payments?: readonly PaymentDetails[];
  readonly events?: readonly QueuedEvent[];
  readonly servers?: Partial<NetworkServers>;
  /** By the operator of the page. */
  readonly offered?: NetworkServers;
  readonly logs?: readonly LogLine[];
  readonly service?: Partial<Omit<WalletService, 'node'>>;
  readonly node?: Partial<Omit<NodeApi, 'bolt11'>>;
  readonly bolt11?: Partial<NodeApi['bolt11']>;
  readonly spontaneous?: Partial<NodeApi['spontaneous']>;
  readonly psbt?: Partial<NodeApi['psbt']>;
  readonly backup?: Partial<NodeApi['backup']>;
  /** By payment. */
  readonly parts?: Readonly<Record<string, readonly PaymentPart[]>>;
  readonly graph?: Partial<NodeApi['networkGraph']>;
};

export type FakeWallet = WalletService & {
  /** A new snapshot, as the engine would send it. */
  publish<T extends Topic>(topic: T, snapshot: Snapshots[T]): void;
  become(state: WalletState): void;
};

const notAsked = (): Promise<{ readonly ok: false; readonly error: Refusal }> =>
  no({ code: 'internal', detail: 'not in this scenario' });

const receiving = (scenario: Scenario, amountMsat: bigint | null) =>
  ok({
    paymentId: hex(200),
    invoice: `lnbcrt${amountMsat === null ? '' : '125u'}1p${hex(200, 140)}`,
    paymentHash: hex(200),
    amountMsat,
    expiresAt: NOW + 3600,
    receivableMsat: scenario.snapshots.balances.lightning.receivableMsat,
  });

function fakeNode(scenario: Scenario): NodeApi {
  const payments = scenario.payments ?? scenario.snapshots.payments.payments;
  const events = [...(scenario.events ?? [])];
  const { snapshots } = scenario;
  return {
    start: () => ok(undefined),
    stop: () => ok(undefined),
    status: () => Promise.resolve(snapshots.status),
    nodeId: () => ok(nodeIdOf(9)),
    config: () => Promise.resolve({ network: snapshots.status.network, esplora: [], proxies: [] }),
    sync: () => ok(snapshots.status.chain),
    connect: () => ok(undefined),
    disconnect: () => ok(undefined),
    listPeers: () => Promise.resolve(snapshots.peers),
    newAddress: () => ok({ address: ADDRESS, index: 0 }),
    quoteOnchain: notAsked,
    labelAddress: () => ok(undefined),
    sendToAddress: notAsked,
    sendAllToAddress: notAsked,
    quoteBumpFee: notAsked,
    bumpFee: notAsked,
    quoteCancelSend: notAsked,
    cancelSend: notAsked,
    networkGraph: {
      info: () =>
        Promise.resolve({
          nodes: 0,
          channels: 0,
          snapshotAt: null,
          refreshing: false,
          lastError: null,
          scores: { learnt: 0, external: null, refreshing: false, lastError: null },
        }),
      refresh: notAsked,
      refreshScores: notAsked,
      node: notAsked,
      channel: notAsked,
      findNodes: notAsked,
      listNodes: notAsked,
      listChannels: notAsked,
      ...scenario.graph,
    },
    psbt: {
      create: notAsked,
      inspect: notAsked,
      sign: notAsked,
      publish: notAsked,
      list: () => ok([]),
      release: notAsked,
      ...scenario.psbt,
    },
    lsp: {
      quote: () => no({ code: 'no-lsp' }),
      receive: notAsked,
      conduct: () => ok(null),
      orders: {
        quote: () => no({ code: 'no-lsp' }),
        buy: notAsked,
        list: () => Promise.resolve([]),
        forget: notAsked,
      },
    },
    wake: {
      key: () => no({ code: 'no-push-relay' }),
      enable: () => no({ code: 'no-push-relay' }),
      disable: () => no({ code: 'no-push-relay' }),
      leave: () => no({ code: 'no-push-relay' }),
      check: () => no({ code: 'no-push-relay' }),
    },
    quoteOpenChannel: notAsked,
    openChannel: notAsked,
    quoteClose: notAsked,
    closeChannel: () => ok(undefined),
    forceCloseChannel: () => ok(undefined),
    quoteHurryClose: notAsked,
    hurryClose: notAsked,
    listChannels: () => Promise.resolve(snapshots.channels),
    updateChannelConfig: () => ok(undefined),
    parse: () => no({ code: 'unrecognised-input' }),
    spontaneous: { quote: notAsked, sendProbes: notAsked, send: notAsked, ...scenario.spontaneous },
    rebalance: notAsked,
    quoteRebalance: notAsked,
    paymentParts: (id) => ok(scenario.parts?.[id] ?? []),
    payment: (id) => {
      const found = payments.find((one) => one.id === id);
      return found === undefined ? no({ code: 'unknown-payment' }) : ok(found);
    },
    listPayments: (after) => Promise.resolve(page(payments, Number(after ?? 0))),
    setLabel: () => ok(undefined),
    backup: {
      export: () =>
        ok({
          bytes: new Uint8Array(16_384),
          counter: 12,
          fileName: 'leyden-backup-regtest-2026-06-01-12.leyden',
        }),
      saved: () => ok(undefined),
      restore: () => ok({ found: 2, stopped: 0, known: 0, madeAt: NOW - 3_600 }),
      askPeer: () => ok(null),
      ...scenario.backup,
    },
    listBalances: () => Promise.resolve(snapshots.balances),
    signMessage: notAsked,
    verifySignature: notAsked,
    snapshot: (topic) => Promise.resolve(snapshots[topic]),
    nextEvent: () => Promise.resolve(events[0] ?? null),
    eventHandled: () => {
      events.shift();
      return ok(undefined);
    },
    ...scenario.node,
    bolt11: {
      receive: ({ amountMsat }) => receiving(scenario, amountMsat),
      receiveVariableAmount: () => receiving(scenario, null),
      receiveForHash: ({ amountMsat }) => receiving(scenario, amountMsat),
      claim: notAsked,
      fail: notAsked,
      quote: notAsked,
      sendProbes: notAsked,
      send: notAsked,
      ...scenario.bolt11,
    },
  };
}

/** A wallet in memory that always answers the same: for pictures and tests, never part of the build. */
export function fakeWallet(scenario: Scenario): FakeWallet {
  let { state } = scenario;
  let latest = scenario.snapshots;
  const states = new Set<(state: WalletState) => void>();
  const watchers = new Set<(topic: Topic) => void>();
  return {
    state: () => Promise.resolve(state),
    watchState: (onChange) => {
      states.add(onChange);
      onChange(state);
      return Promise.resolve(() => states.delete(onChange));
    },
    checkWords: () => ok(undefined),
    lock: {
      now: () => ok(undefined),
      unlock: () => no({ code: 'wrong-passphrase' }),
      change: () => ok(undefined),
      setIdle: () => ok(undefined),
    },
    create: () => ok(undefined),
    restore: () => ok(undefined),
    revealWords: () => ok(WORDS),
    wordsConfirmed: () => ok(undefined),
    takeOver: () => ok(undefined),
    erase: () => ok(undefined),
    servers: () =>
      Promise.resolve({
        esplora: ['http://127.0.0.1:3002'],
        proxies: ['ws://127.0.0.1:8090'],
        snapshots: [],
        scores: [],
        pushRelay: null,
        peers: [{ alias: 'Playground', nodeId: nodeIdOf(0), host: '127.0.0.1', port: 9735 }],
        lsps: [],
        lspFeeLimitSat: 50_000,
        faucet: 'http://127.0.0.1:3003',
        ...scenario.servers,
      }),
    offeredServers: () => Promise.resolve(scenario.offered ?? null),
    setServers: () => ok(undefined),
    faucet: () => ok({ txId: hex(7) }),
    payRequest: () => ok(undefined),
    logs: () => Promise.resolve(scenario.logs ?? []),
    watch: (topic, onChange) => {
      const watcher = (changed: Topic): void => {
        if (changed === topic) onChange(latest[topic]);
      };
      watchers.add(watcher);
      watcher(topic);
      return Promise.resolve(() => watchers.delete(watcher));
    },
    ...scenario.service,
    node: fakeNode(scenario),
    publish: (topic, snapshot) => {
      latest = { ...latest, [topic]: snapshot };
      for (const watcher of watchers) watcher(topic);
    },
    become: (next) => {
      state = next;
      for (const told of states) told(next);
    },
  };
}
