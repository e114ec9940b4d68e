import { NETWORKS, type Network } from '../base/network.ts';
import { err, ok, type Result } from '../base/result.ts';
import { parseNodeId } from '../base/ids.ts';
import { isRecord } from '../lsp/scalars.ts';
import { DEFAULT_FEE_LIMIT_SAT } from './lsp/fee-limits.ts';
import type { LspServer } from './lsp-api.ts';
import type { Probing } from './node-options.ts';
import { LEAST_PROBE_SAT } from './probing-desk.ts';
import type { Refusal } from './refusal.ts';
import type { NetworkServers, ServersConfig } from './service-api.ts';

type Invalid = Extract<Refusal, { code: 'invalid-config' }>;
type Parsed<T> = Result<T, Invalid>;

const MAX_ENTRIES = 20;
const MAX_URL = 500;
const MAX_TOKEN = 500;
/** A bitcoin. */
const MAX_FEE_LIMIT_SAT = 100_000_000;

const LEAST_PROBE_SECONDS = 10;
const MOST_PROBE_SAT = 1_000_000;

const invalid = (field: string, detail: string): { readonly ok: false; readonly error: Invalid } =>
  err({ code: 'invalid-config', field, detail });

const isNetwork = (name: unknown): name is Network =>
  typeof name === 'string' && Object.hasOwn(NETWORKS, name);

/** Plain http and ws are for this machine alone: anywhere else they would show addresses to the network between. */
const LOCAL = /^(?:https?|wss?):\/\/(?:localhost|127\.0\.0\.1|\[::1\])(?::\d{1,5})?(?:\/|$)/;
const URL_SHAPE = /^([a-z]+):\/\/[^\s/?#@]+(?:\/[^\s?#]*)?$/;

function url(value: unknown, schemes: readonly string[], field: string): Parsed<string> {
  if (typeof value !== 'string' || value.length > MAX_URL) return invalid(field, 'not a URL');
  const scheme = URL_SHAPE.exec(value)?.[1];
  if (scheme === undefined || !schemes.includes(scheme))
    return invalid(
      field,
      `a URL that starts with ${schemes.map((name) => `${name}://`).join(' or ')} is needed`,
    );
  if ((scheme === 'http' || scheme === 'ws') && !LOCAL.test(value))
    return invalid(field, `only a server on this machine may be reached by ${scheme}://`);
  return ok(value.replace(/\/+$/, ''));
}

function list<T>(
  value: unknown,
  field: string,
  read: (item: unknown, field: string) => Parsed<T>,
): Parsed<readonly T[]> {
  if (!Array.isArray(value)) return invalid(field, 'a list is needed');
  if (value.length > MAX_ENTRIES) return invalid(field, `more than ${MAX_ENTRIES} entries`);
  const items: T[] = [];
  for (const [index, item] of value.entries()) {
    const parsed = read(item, `${field}[${index}]`);
    if (!parsed.ok) return parsed;
    items.push(parsed.value);
  }
  return ok(items);
}

function peer(value: unknown, field: string): Parsed<NetworkServers['peers'][number]> {
  if (!isRecord(value)) return invalid(field, 'a peer is needed');
  const { alias, nodeId, host, port } = value;
  if (typeof alias !== 'string' || alias.length > 40)
    return invalid(`${field}.alias`, 'a name of up to 40 letters is needed');
  const id = typeof nodeId === 'string' ? parseNodeId(nodeId) : null;
  if (id === null) return invalid(`${field}.nodeId`, 'a node id of 66 hex digits is needed');
  if (typeof host !== 'string' || !/^[^\s/]{1,255}$/.test(host))
    return invalid(`${field}.host`, 'a host is needed');
  if (typeof port !== 'number' || !Number.isInteger(port) || port < 1 || port > 65_535)
    return invalid(`${field}.port`, 'a port from 1 to 65535 is needed');
  return ok({ alias, nodeId: id, host, port });
}

function lsp(value: unknown, field: string): Parsed<LspServer> {
  const known = peer(value, field);
  if (!known.ok) return known;
  const { token = null, trusted = false } = isRecord(value) ? value : {};
  if (token !== null && (typeof token !== 'string' || token === '' || token.length > MAX_TOKEN))
    return invalid(`${field}.token`, `a token of up to ${MAX_TOKEN} letters is needed, or null`);
  if (typeof trusted !== 'boolean') return invalid(`${field}.trusted`, 'true or false is needed');
  return ok({ ...known.value, token, trusted });
}

function probingOf(value: unknown, field: string): Parsed<Probing | null> {
  if (value === null) return ok(null);
  if (!isRecord(value)) return invalid(field, 'an object is needed, or null');
  const { everySeconds, mostSat } = value;
  const isWhole = (number: unknown, least: number, most: number): number is number =>
    Number.isSafeInteger(number) && Number(number) >= least && Number(number) <= most;
  if (!isWhole(everySeconds, LEAST_PROBE_SECONDS, 86_400))
    return invalid(`${field}.everySeconds`, `whole seconds from ${LEAST_PROBE_SECONDS} to a day are needed`);
  if (!isWhole(mostSat, LEAST_PROBE_SAT, MOST_PROBE_SAT))
    return invalid(
      `${field}.mostSat`,
      `whole satoshis from ${LEAST_PROBE_SAT} to ${MOST_PROBE_SAT} are needed`,
    );
  return ok({ everySeconds, mostSat });
}

/** Checks the servers of one network, from a file or from a person. */
export function parseNetworkServers(value: unknown, field: string, network: Network): Parsed<NetworkServers> {
  if (!isRecord(value)) return invalid(field, 'an object is needed');
  const esplora = list(value['esplora'], `${field}.esplora`, (item, at) => url(item, ['https', 'http'], at));
  if (!esplora.ok) return esplora;
  if (esplora.value.length === 0) return invalid(`${field}.esplora`, 'at least one server is needed');
  const proxies = list(value['proxies'] ?? [], `${field}.proxies`, (item, at) =>
    url(item, ['wss', 'ws'], at),
  );
  if (!proxies.ok) return proxies;
  const snapshots = list(value['snapshots'] ?? [], `${field}.snapshots`, (item, at) =>
    url(item, ['https', 'http'], at),
  );
  if (!snapshots.ok) return snapshots;
  const scores = list(value['scores'] ?? [], `${field}.scores`, (item, at) =>
    url(item, ['https', 'http'], at),
  );
  if (!scores.ok) return scores;
  const peers = list(value['peers'] ?? [], `${field}.peers`, peer);
  if (!peers.ok) return peers;
  const lsps = list(value['lsps'] ?? [], `${field}.lsps`, lsp);
  if (!lsps.ok) return lsps;
  if (new Set(lsps.value.map(({ nodeId }) => nodeId)).size < lsps.value.length)
    return invalid(`${field}.lsps`, 'an LSP twice');
  const limit = value['lspFeeLimitSat'] ?? DEFAULT_FEE_LIMIT_SAT;
  if (typeof limit !== 'number' || !Number.isSafeInteger(limit) || limit < 0 || limit > MAX_FEE_LIMIT_SAT)
    return invalid(`${field}.lspFeeLimitSat`, `whole satoshis up to ${MAX_FEE_LIMIT_SAT} are needed`);
  const wake = value['pushRelay'] ?? null;
  const pushRelay = wake === null ? ok(null) : url(wake, ['https', 'http'], `${field}.pushRelay`);
  if (!pushRelay.ok) return pushRelay;
  const probing = probingOf(value['probing'] ?? null, `${field}.probing`);
  if (!probing.ok) return probing;
  const given = value['faucet'] ?? null;
  if (given !== null && network !== 'regtest')
    return invalid(`${field}.faucet`, 'a faucet is for regtest only');
  const faucet = given === null ? ok(null) : url(given, ['https', 'http'], `${field}.faucet`);
  if (!faucet.ok) return faucet;
  return ok({
    esplora: esplora.value,
    proxies: proxies.value,
    snapshots: snapshots.value,
    scores: scores.value,
    peers: peers.value,
    lsps: lsps.value,
    lspFeeLimitSat: limit,
    pushRelay: pushRelay.value,
    probing: probing.value,
    faucet: faucet.value,
  });
}

/** Checks what `public/config.json` holds. Names the first field that is wrong. */
export function parseServersConfig(value: unknown): Parsed<ServersConfig> {
  if (!isRecord(value)) return invalid('config', 'an object is needed');
  const { defaultNetwork, networks } = value;
  if (!isNetwork(defaultNetwork))
    return invalid('defaultNetwork', `one of ${Object.keys(NETWORKS).join(', ')} is needed`);
  if (!isRecord(networks)) return invalid('networks', 'an object is needed');
  const parsed: Partial<Record<Network, NetworkServers>> = {};
  for (const [name, servers] of Object.entries(networks)) {
    if (!isNetwork(name)) return invalid(`networks.${name.slice(0, 40)}`, 'no such network');
    const checked = parseNetworkServers(servers, `networks.${name}`, name);
    if (!checked.ok) return checked;
    parsed[name] = checked.value;
  }
  if (parsed[defaultNetwork] === undefined)
    return invalid('networks', `servers for ${defaultNetwork} are needed`);
  return ok({ defaultNetwork, networks: parsed });
}
