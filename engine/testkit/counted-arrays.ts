/** The arrays that are made while it lasts count how often they are read and written. */
export type Counted = {
  /** Since it was last asked. */
  readonly steps: () => number;
  readonly stop: () => void;
};

const NAMES = [
  'Uint8Array',
  'Uint16Array',
  'Uint32Array',
  'Int32Array',
  'Float64Array',
] as const satisfies readonly (keyof typeof globalThis)[];
type Columns = Uint8Array | Uint16Array | Uint32Array | Int32Array | Float64Array;

/**
 * Counts work by what it does to columns, where a clock would count what else the machine does. Bulk copies count
 * once: memory is fast.
 */
export function countArrays(): Counted {
  let steps = 0;
  const inside = new WeakMap<object, object>();
  const raw = (value: unknown): unknown =>
    typeof value === 'object' && value !== null ? (inside.get(value) ?? value) : value;

  function counted(array: Columns): Columns {
    const proxy = new Proxy(array, {
      get(target, key) {
        const value: unknown = Reflect.get(target, key, target);
        if (typeof value !== 'function') {
          steps++;
          return value;
        }
        return (...given: readonly unknown[]) => {
          const args = given.map((one) =>
            typeof one === 'function'
              ? (...told: readonly unknown[]): unknown => {
                  steps++;
                  return Reflect.apply(one, undefined, told);
                }
              : raw(one),
          );
          const result: unknown = Reflect.apply(value, target, args);
          return isColumn(result) ? counted(result) : result;
        };
      },
      set(target, key, value) {
        steps++;
        return Reflect.set(target, key, value, target);
      },
    });
    inside.set(proxy, array);
    return proxy;
  }

  const before = NAMES.map((name) => [name, globalThis[name]] as const);
  for (const [name, Made] of before)
    Object.assign(globalThis, {
      [name]: new Proxy(Made, {
        construct: (target, args: readonly unknown[]) =>
          counted(Reflect.construct(target, args.map(raw)) as Columns),
        get: (target, key) => {
          const value: unknown = Reflect.get(target, key, target);
          if (typeof value !== 'function') return value;
          return (...given: readonly unknown[]) => {
            const result: unknown = Reflect.apply(value, target, given);
            return isColumn(result) ? counted(result) : result;
          };
        },
      }),
    });
  return {
    steps: () => {
      const so = steps;
      steps = 0;
      return so;
    },
    stop: () => {
      for (const [name, Made] of before) Object.assign(globalThis, { [name]: Made });
    },
  };
}

const isColumn = (value: unknown): value is Columns =>
  ArrayBuffer.isView(value) && !(value instanceof DataView);
