import type { Network } from '../engine/base/network.ts';
import { err, ok, type Result } from '../engine/base/result.ts';
import { put, remove } from '../engine/base/write.ts';
import type { Refusal } from '../engine/node/refusal.ts';
import type { NetworkServers } from '../engine/node/service-api.ts';
import type { Open } from './open-wallet.ts';
import { chosenOf, decodeServers, encodeServers } from './servers-record.ts';
import { fetchConfig, noServers, serversOf } from './servers.ts';
import { trustWrite } from './trusted-lsps.ts';
import { SERVERS_KEY } from './wallet-identity.ts';

// What a person changes is theirs until they put it back, though the operator of the page offer the same for a while; what
// they leave as it is goes on to follow what he offers: his next proxy reaches who only trusts an LSP.

type Field = keyof NetworkServers;
const FIELDS = Object.keys(noServers) as readonly Field[];

/** `chosen`: the fields that a person changed. The others are as they were offered then, for when the page's list is away. */
export type KeptServers = { readonly servers: NetworkServers; readonly chosen: readonly Field[] };

type Invalid = Extract<Refusal, { code: 'invalid-config' }>;

/** Null: nothing was chosen. 'invalid-config': something was, and cannot be read. */
export async function keptServers(
  open: Open,
  network: Network,
): Promise<Result<Result<KeptServers, Invalid> | null, Refusal>> {
  const own = (await open.vault?.store.get('meta', SERVERS_KEY)) ?? closed;
  if (!own.ok) {
    // A damaged record is one that a person can write anew; any other fault is the disk's.
    const { code, detail } = own.error;
    return code === 'corrupt'
      ? ok(err({ code: 'invalid-config', field: 'servers', detail }))
      : err({ code: 'storage-failed', detail });
  }
  if (own.value === null) return ok(null);
  const servers = decodeServers(own.value, network);
  const names = chosenOf(own.value);
  const chosen = names === null ? FIELDS : FIELDS.filter((field) => names.includes(field));
  return ok(servers.ok ? ok({ servers: servers.value, chosen }) : servers);
}

/** All of them, where one is not to be asked for. */
export const isWhole = ({ chosen }: KeptServers): boolean => chosen.length === FIELDS.length;

export const withChosen = (offered: NetworkServers, { servers, chosen }: KeptServers): NetworkServers => ({
  ...offered,
  ...Object.fromEntries(chosen.map((field) => [field, servers[field]])),
});

/** Of this network, now. Null: that cannot be known, or there are none. */
export async function offeredServers(network: Network | null): Promise<NetworkServers | null> {
  const offered = network === null ? null : serversOf(await fetchConfig(), network);
  return offered?.ok === true ? offered.value : null;
}

/** Both were read by the same reader: in the same order. */
const differs = (a: NetworkServers, b: NetworkServers, field: Field): boolean =>
  JSON.stringify(a[field] ?? null) !== JSON.stringify(b[field] ?? null);

/** @param servers what `parseNetworkServers` took */
export async function keepServers(
  open: Open,
  servers: NetworkServers,
  network: Network,
): Promise<Result<void, Refusal>> {
  const kept = await keptServers(open, network);
  if (!kept.ok) return kept;
  if (open.vault === null) return err({ code: 'storage-failed', detail: closed.error.detail });
  const before = kept.value?.ok === true ? kept.value.value.chosen : [];
  const used = open.wallet?.servers ?? noServers;
  const offered = serversOf(await fetchConfig(), network);
  const chosen = FIELDS.filter((field) =>
    differs(servers, used, field)
      ? !offered.ok || differs(servers, offered.value, field)
      : before.includes(field),
  );
  return open.vault.save([
    trustWrite(servers),
    chosen.length === 0
      ? remove('meta', SERVERS_KEY)
      : put('meta', SERVERS_KEY, encodeServers(servers, chosen)),
  ]);
}

const closed = err({ code: 'closed', detail: 'the wallet was closed' });
