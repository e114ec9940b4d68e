import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { parseServersConfig } from '../engine/node/servers-config.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers, ServersConfig } from '../engine/node/service-api.ts';

/** config.json stands beside index.html; workers are one folder down, in the build and in development. */
const CONFIG_URL = new URL('../config.json', self.location.href);

/** A site that takes longer is as good as away: servers that were chosen do not wait for it. */
const MOST_MS = 10_000;
const AWAY = 'it could not be fetched';

/** What the operator of this page offers. Fetched from where the page came from, and checked. */
export async function fetchConfig(): Promise<Result<ServersConfig, ConfigRefusal>> {
  const refused = (detail: string) => err({ code: 'invalid-config', field: 'config.json', detail } as const);
  const response = await fetch(CONFIG_URL, { cache: 'no-cache', signal: AbortSignal.timeout(MOST_MS) }).catch(
    () => null,
  );
  if (response === null) return refused(AWAY);
  if (!response.ok) return refused(`status ${response.status}`);
  // A connection that ends in the middle is no fault of the file.
  const text = await response.text().catch(() => null);
  if (text === null) return refused(AWAY);
  try {
    return parseServersConfig(JSON.parse(text));
  } catch {
    return refused('no JSON');
  }
}

/** Whoever has no network is told that, and not of a file. */
export const isAway = ({ detail }: ConfigRefusal): boolean => detail === AWAY;

type ConfigRefusal = Extract<Refusal, { code: 'invalid-config' }>;

export const noServers: NetworkServers = {
  esplora: [],
  proxies: [],
  snapshots: [],
  scores: [],
  peers: [],
  lsps: [],
  lspFeeLimitSat: 0,
  pushRelay: null,
  probing: null,
  faucet: null,
};

export function serversOf(
  config: Result<ServersConfig, ConfigRefusal>,
  network: Network,
): Result<NetworkServers, ConfigRefusal> {
  if (!config.ok) return config;
  const offered = config.value.networks[network];
  return offered === undefined
    ? err({ code: 'invalid-config', field: `networks.${network}`, detail: 'not offered' })
    : ok(offered);
}
