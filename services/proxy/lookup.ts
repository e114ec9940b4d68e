import { lookup as systemLookup, Resolver } from 'node:dns/promises';

/** Finds the addresses of a name. */
export type Lookup = (host: string) => Promise<readonly { readonly address: string }[]>;

/**
 * As this machine looks up names: what its hosts file says and its own network, too. Of such look-ups Node.js does four at
 * once, and each may wait long: for a proxy of one's own, not for one that strangers may use.
 */
export const lookupHere: Lookup = (host) => systemLookup(host, { all: true });

/**
 * As the internet's name servers have it, any number of names at once: one whose server never answers keeps no other waiting.
 * @param servers in place of the system's
 */
export function lookupOnInternet(servers?: readonly string[]): Lookup {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 });
  if (servers !== undefined) resolver.setServers(servers);
  return async (host) => {
    const [v4, v6] = await Promise.allSettled([resolver.resolve4(host), resolver.resolve6(host)]);
    const found = [v4, v6].flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length === 0) throw new Error('this name has no address');
    return found.map((address) => ({ address }));
  };
}
