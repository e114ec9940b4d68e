import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { msat } from '../engine/base/units.ts';
import { Secret } from '../engine/crypto/secret.ts';
import { loadNode, type LeydenNode } from '../engine/node/node.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers, ServersTrouble } from '../engine/node/service-api.ts';
import { fetchHttp } from '../engine/platform/fetch-http.ts';
import { indexedDbGraphCache } from '../engine/platform/indexeddb-graph-cache.ts';
import { instantiateSecp256k1 } from '../engine/platform/secp256k1-web.ts';
import { systemClock } from '../engine/platform/system-clock.ts';
import { systemRandom } from '../engine/platform/system-random.ts';
import { webSocketDial } from '../engine/platform/websocket-dial.ts';
import { idleMinutesOf } from './lock-desk.ts';
import { isWhole, keptServers, withChosen, type KeptServers } from './chosen-servers.ts';
import type { LogRing } from './log-ring.ts';
import type { Open, Wallet } from './open-wallet.ts';
import { fetchConfig, isAway, noServers, serversOf } from './servers.ts';
import { withKnownTrust } from './trusted-lsps.ts';
import { refusalOf, type Vault } from './vault.ts';
import { IDLE_KEY, type Identity } from './wallet-identity.ts';

/** About the price of a good dinner: what may be lost with a device before the words are on paper. */
const UNSAVED_LIMIT = msat(100_000_000);
const START_AGAIN_MS: readonly number[] = [2_000, 5_000, 15_000, 30_000];

/** The wallet with its node, read from the disk and not started. */
export async function loadWallet(
  open: Open,
  vault: Vault,
  identity: Identity,
  log: LogRing,
): Promise<Result<Wallet, Refusal>> {
  const idle = await vault.store.get('meta', IDLE_KEY);
  if (!idle.ok) return err(refusalOf(idle.error));
  const loaded = await loadNode({
    network: identity.network,
    seed: new Secret(identity.seed),
    // Asked for at start, not before: nothing on the network stands before the first balance.
    servers: () => findServers(open, identity.network),
    store: vault.store,
    graphCache: indexedDbGraphCache(identity.network),
    scoresCache: indexedDbGraphCache(`${identity.network}/scores`),
    http: fetchHttp(),
    dial: webSocketDial(() => open.wallet?.servers.proxies ?? []),
    clock: systemClock,
    random: systemRandom,
    log: log.log,
    instantiateCurve: instantiateSecp256k1,
    receiveLimit: () => ((open.wallet?.identity ?? identity).wordsConfirmed ? null : UNSAVED_LIMIT),
  });
  if (!loaded.ok) return loaded;
  return ok({
    identity,
    servers: noServers,
    serversTrouble: null,
    idleMinutes: idleMinutesOf(idle.value),
    provenUntilMs: 0,
    hidden: false,
    node: loaded.value,
  });
}

/** Until it starts: the page may be opened without a network, and HTLCs have deadlines all the same. */
export function keepStarting(open: Open, node: LeydenNode, log: LogRing, attempt = 0): void {
  const failed = (why: string): void => {
    log.log('warn', 'worker', 'the node did not start', { why });
    const delay = START_AGAIN_MS[Math.min(attempt, START_AGAIN_MS.length - 1)];
    systemClock.after(delay ?? 30_000, () => {
      if (open.wallet?.node === node) keepStarting(open, node, log, attempt + 1);
    });
  };
  node.api.start().then(
    (started) => {
      if (!started.ok) failed(started.error.code);
    },
    (error: unknown) => failed(String(error)),
  );
}

/** From settings, or else what the operator of this page offers. */
export async function findServers(open: Open, network: Network): Promise<Result<NetworkServers, Refusal>> {
  const own = await keptServers(open, network);
  if (!own.ok) return own;
  const kept = own.value;
  const page: Read =
    kept?.ok === true && isWhole(kept.value)
      ? ok(kept.value.servers)
      : serversOf(await fetchConfig(), network);
  const found = await inUse(open, kept, page);
  if (open.wallet === null) return found;
  if (found.ok) open.wallet.servers = found.value;
  const trouble = troubleOf(kept, page);
  if (trouble === undefined || sameTrouble(trouble, open.wallet.serversTrouble)) return found;
  open.wallet.serversTrouble = trouble;
  open.onChanged();
  return found;
}

type Invalid = Extract<Refusal, { code: 'invalid-config' }>;
type Read = Result<NetworkServers, Invalid>;
type Kept = Result<KeptServers, Invalid> | null;

async function inUse(open: Open, kept: Kept, page: Read): Promise<Read> {
  if (!page.ok) return kept?.ok === true ? ok(kept.value.servers) : page;
  const known = await withKnownTrust(open, page.value);
  return ok(kept?.ok === true ? withChosen(known, kept.value) : known);
}

/** `undefined`: nothing was learned. */
function troubleOf(kept: Kept, page: Read): ServersTrouble | null | undefined {
  if (!page.ok && isAway(page.error)) return undefined;
  const told = (list: ServersTrouble['list'], { field, detail }: Invalid): ServersTrouble => ({
    list,
    detail: `${field}: ${detail}`,
  });
  if (!page.ok) return told(kept?.ok === true ? 'kept' : 'page', page.error);
  return kept?.ok === false ? told('own', kept.error) : null;
}

const sameTrouble = (a: ServersTrouble | null, b: ServersTrouble | null): boolean =>
  a?.list === b?.list && a?.detail === b?.detail;
