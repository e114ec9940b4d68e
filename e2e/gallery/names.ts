/** Where an id stands beside the name of whom it is of. */
const NAMED = [
  ['nodeId', 'alias'],
  ['peerNodeId', 'peerAlias'],
  ['payee', 'payeeAlias'],
] as const;

/** The names of nodes that a page was told, by id: each answer may call one by another. */
export type Names = Map<string, Set<string>>;

function note(names: Names, told: unknown): void {
  if (typeof told !== 'object' || told === null || ArrayBuffer.isView(told)) return;
  const fields = told as Readonly<Record<string, unknown>>;
  for (const [id, alias] of NAMED) {
    const [of, name] = [fields[id], fields[alias]];
    if (typeof of !== 'string' || typeof name !== 'string' || name.trim() === '') continue;
    names.set(of, (names.get(of) ?? new Set()).add(name));
  }
  for (const part of Object.values(fields)) note(names, part);
}

/** The same service; what it answers, and tells those who watch, is looked through for names. */
export function noting<T extends object>(service: T, names: Names): T {
  return new Proxy(service, {
    get: (target, key) => {
      const part: unknown = Reflect.get(target, key);
      if (typeof part === 'object' && part !== null) return noting(part, names);
      if (typeof part !== 'function') return part;
      return (...args: readonly unknown[]): unknown => {
        const answer: unknown = Reflect.apply(
          part,
          target,
          args.map((arg) => (typeof arg === 'function' ? watched(arg as Listener, names) : arg)),
        );
        // What it refuses is for who asked.
        if (answer instanceof Promise)
          void answer.then(
            (told) => note(names, told),
            () => undefined,
          );
        return answer;
      };
    },
  });
}

type Listener = (...told: readonly unknown[]) => unknown;

const watched =
  (listener: Listener, names: Names): Listener =>
  (...told) => {
    for (const one of told) note(names, one);
    return listener(...told);
  };
