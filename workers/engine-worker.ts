import type { Endpoint } from 'comlink';
import { err, ok } from '../engine/base/result.ts';
import type { WalletService, WalletState } from '../engine/node/service-api.ts';
import { fetchHttp } from '../engine/platform/fetch-http.ts';
import { checkWords } from '../engine/wallet/words.ts';
import { offeredServers } from './chosen-servers.ts';
import { currentNode } from './current-node.ts';
import { askFaucet, askPayer } from './faucet.ts';
import { LogRing } from './log-ring.ts';
import { withAliases } from './peer-aliases.ts';
import { serve } from './rpc.ts';
import { SnapshotFeed } from './snapshot-feed.ts';
import { viewing } from './viewing.ts';
import { WalletHost } from './wallet-host.ts';

const ring = new LogRing();
const feed = new SnapshotFeed();
const watchers = new Set<(state: WalletState) => void>();
const nothing = (): void => undefined;
let unfollow: () => unknown = nothing;
const host = new WalletHost(ring, {
  onState: (state) => {
    share(state);
    for (const watcher of watchers) watcher(seen(state));
  },
  onNode: (node) => {
    unfollow();
    unfollow = node?.onChange(() => feed.changed()) ?? nothing;
    feed.attach(
      node === null
        ? null
        : async (topic) => withAliases(topic, await node.api.snapshot(topic), host.knownPeers),
    );
  },
});
const { share, seen } = viewing(host, feed, (state) => {
  for (const watcher of watchers) watcher(state);
});

// What nobody caught is told to whoever looks for the reason later.
self.addEventListener('error', ({ message }) => ring.log('error', 'worker', 'not caught', { why: message }));
self.addEventListener('unhandledrejection', ({ reason }) =>
  ring.log('error', 'worker', 'not caught', { why: String(reason) }),
);

const service: WalletService = {
  state: async () => seen(await host.state()),
  watchState: async (onChange) => {
    watchers.add(onChange);
    onChange(seen(await host.state()));
    return () => watchers.delete(onChange);
  },
  checkWords: (typed) => {
    const checked = checkWords(typed);
    return Promise.resolve(checked.ok ? ok(undefined) : checked);
  },
  create: (typed, network, lock) => host.create(typed, network, lock),
  restore: async (typed, network, onProgress, lock) => {
    const created = await host.create(typed, network, lock, true);
    if (!created.ok) return created;
    await host.wordsConfirmed();
    return (await host.node?.restoreOnchain(onProgress)) ?? err(host.refusal);
  },
  revealWords: (proof) => host.revealWords(proof ?? null),
  wordsConfirmed: () => host.wordsConfirmed(),
  takeOver: (force) => host.takeOver(force),
  erase: () => host.erase(),
  servers: () => host.servers(),
  offeredServers: () => offeredServers(host.identity?.network ?? null),
  setServers: (servers) => host.setServers(servers),
  faucet: async (amountSat) => {
    const { node } = host;
    if (node === null) return err(host.refusal);
    return askFaucet(fetchHttp(), (await host.servers()).faucet, node.api, amountSat);
  },
  payRequest: async (invoice, amountMsat) =>
    askPayer(fetchHttp(), (await host.servers()).faucet, invoice, amountMsat),
  logs: () => host.logs(),
  watch: (topic, onChange) => Promise.resolve(feed.watch(topic, onChange)),
  lock: host.lock,
  node: currentNode(async () => {
    await host.state();
    return host.node?.api ?? host.refusal;
  }),
};

serve(service, self as unknown as Endpoint);
