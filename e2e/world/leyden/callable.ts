/** Something whose every method, in groups or not, is a call by its path. */
export function callable(
  call: (method: string, args: readonly unknown[]) => Promise<unknown>,
  path = '',
): unknown {
  return new Proxy(() => undefined, {
    // Not a promise, whoever asks.
    get: (_target, name) =>
      typeof name === 'symbol' || name === 'then'
        ? undefined
        : callable(call, path === '' ? name : `${path}.${name}`),
    apply: (_target, _this, args: readonly unknown[]) => call(path, args),
  });
}

/** @throws {Error} when there is no such method. */
export async function callByPath(api: object, method: string, args: readonly unknown[]): Promise<unknown> {
  let found: unknown = api;
  for (const name of method.split('.')) found = (found as Record<string, unknown> | null)?.[name];
  if (typeof found !== 'function') throw new Error(`no method ${method}`);
  return (found as (...args: readonly unknown[]) => unknown)(...args);
}
