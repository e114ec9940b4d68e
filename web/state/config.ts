import type { Network } from '../../engine/base/network.ts';
import { networks } from '../i18n/en.ts';

export type OfferedNetworks = { readonly usual: Network; readonly all: readonly Network[] };

const isNetwork = (name: unknown): name is Network =>
  typeof name === 'string' && Object.hasOwn(networks, name);

/** The networks that the operator's `config.json` offers. The engine checks the file itself; this only reads its names. */
export async function offeredNetworks(read: typeof fetch = fetch): Promise<OfferedNetworks | null> {
  try {
    const answer = await read('./config.json', { credentials: 'omit' });
    const config: unknown = await answer.json();
    if (typeof config !== 'object' || config === null) return null;
    const { defaultNetwork, networks: offered } = config as Record<string, unknown>;
    if (!isNetwork(defaultNetwork) || typeof offered !== 'object' || offered === null) return null;
    const all = Object.keys(offered).filter(isNetwork);
    return all.includes(defaultNetwork) ? { usual: defaultNetwork, all } : null;
  } catch {
    return null;
  }
}

/** A choice of one is none: the network that a new wallet is on without asking. Null where there is something to say first. */
export function onlyNetwork(offered: OfferedNetworks | null): Network | null {
  const only = offered?.all.length === 1 ? offered.usual : null;
  return only === null || networks[only].real ? null : only;
}
