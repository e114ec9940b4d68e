import { err } from '../engine/base/result.ts';
import type { NodeApi } from '../engine/node/api.ts';
import type { Refusal } from '../engine/node/refusal.ts';

/** The node of the open wallet, whichever it is when a method is called; without one every method is refused, with why. */
export function currentNode(find: () => Promise<NodeApi | Refusal>): NodeApi {
  const at = (path: readonly string[]): unknown =>
    new Proxy((): undefined => undefined, {
      // What every function has stays its own: the other side calls by `apply`.
      get: (target, name): unknown =>
        typeof name !== 'string' || name in target ? Reflect.get(target, name) : at([...path, name]),
      apply: async (_target, _this, args: unknown[]): Promise<unknown> => {
        let found: unknown = await find();
        if (isRefusal(found)) return err(found);
        for (const name of path) found = (found as Readonly<Record<string, unknown>>)[name];
        return (found as (...given: unknown[]) => unknown)(...args);
      },
    });
  return at([]) as NodeApi;
}

const isRefusal = (found: unknown): found is Refusal =>
  typeof found === 'object' && found !== null && 'code' in found;
