import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { parseServersConfig } from '../engine/node/servers-config.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers, ServersConfig } from '../engine/node/service-api.ts';

/** config.json stands beside index.html; workers are one folder down, in the build and in development. */
const CONFIG_URL = new URL('../config.json', self.location.href);

/** What the operator of this page offers. Fetched from where the page came from, and checked. */
export async function fetchConfig(): Promise<Result<ServersConfig, Refusal>> {
  try {
    const response = await fetch(CONFIG_URL, { cache: 'no-cache' });
    if (!response.ok)
      return err({ code: 'invalid-config', field: 'config.json', detail: `status ${response.status}` });
    return parseServersConfig(await response.json());
  } catch {
    return err({ code: 'invalid-config', field: 'config.json', detail: 'it could not be read' });
  }
}

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
export const serversOf = (
  config: Result<ServersConfig, Refusal>,
  network: Network,
): Result<NetworkServers, Refusal> => (config.ok ? ok(config.value.networks[network] ?? noServers) : config);
