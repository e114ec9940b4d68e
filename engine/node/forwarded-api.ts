import { err } from '../base/result.ts';
import type { NodeApi } from './api.ts';
import { Ended } from './driver.ts';
import type { Refusal } from './refusal.ts';

type RunApi = Omit<NodeApi, 'start' | 'stop'>;
type Members = Readonly<Record<string, unknown>>;

/** These answer with what there is, not with a `Result`. */
const READS: ReadonlySet<string> = new Set<keyof NodeApi>([
  'status',
  'config',
  'listPeers',
  'listChannels',
  'listPayments',
  'listBalances',
  'snapshot',
  'nextEvent',
]);

/** The API of whichever run is the current one when a method is called. `sample` has the same members as all of them. */
export function forwardedApi(
  current: () => RunApi,
  { sample, ...life }: Pick<NodeApi, 'start' | 'stop'> & { readonly sample: RunApi },
): NodeApi {
  return { ...forward(sample, () => current() as Members), ...life };
}

function forward<T extends object>(sample: T, find: () => Members): T {
  const members = Object.entries(sample).map(([name, member]: [string, unknown]) => [
    name,
    typeof member === 'object' && member !== null
      ? forward(member, () => find()[name] as Members)
      : (...args: readonly unknown[]) => call(name, find()[name] as Method, args),
  ]);
  return Object.fromEntries(members) as T;
}

type Method = (...args: readonly unknown[]) => Promise<unknown>;

/** @throws {Ended} from a method that cannot answer with a refusal. */
async function call(name: string, method: Method, args: readonly unknown[]): Promise<unknown> {
  try {
    return await method(...args);
  } catch (error) {
    if (error instanceof Ended && !READS.has(name)) return err<Refusal>({ code: 'not-running' });
    throw error;
  }
}
