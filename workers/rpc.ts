import * as Comlink from 'comlink';

// Callbacks cross the boundary by themselves, in either direction, so that an interface needs no wrapper per method.
const callable = Comlink.transferHandlers.get('proxy');
if (callable !== undefined)
  Comlink.transferHandlers.set('callback', {
    canHandle: (value): value is object => typeof value === 'function',
    serialize: (value) => callable.serialize(Comlink.proxy(value as object)),
    deserialize: (port: unknown) => callable.deserialize(port),
  });

/** Every method answers with a promise and takes and gives what survives structured clone, or callbacks. */
export type Remotable = object;

/** Serves `service` to whoever talks to `endpoint`. */
export function serve(service: Remotable, endpoint: Comlink.Endpoint): void {
  Comlink.expose(service, endpoint);
}

/** The service at the other end, typed as it is there: the proxy is derived from the type, groups of methods included. */
export function remote<T extends Remotable>(endpoint: Comlink.Endpoint): T {
  // Comlink's Remote<T> makes every method async; ours all are already, so T itself describes the proxy.
  return Comlink.wrap<T>(endpoint) as unknown as T;
}
