import type { WasmExports } from '../crypto/secp256k1-wasm-exports.ts';
import { tracedWasm } from './traced-wasm.ts';

/** What an operation told: sites and numbers in turn. */
export type Trace = Int32Array;

export type TraceRecorder = {
  readonly exports: WasmExports;
  /** What the module tells while `run` runs. */
  readonly record: (run: () => unknown) => Trace;
  /** The function, which tells nothing. */
  readonly untold: <Args extends unknown[], Result>(
    call: (...args: Args) => Result,
  ) => (...args: Args) => Result;
  /** Where two traces part first, as a sentence for people; null where they are the same. */
  readonly parting: (a: Trace, b: Trace) => string | null;
};

/** Instantiates a module that imports nothing, and hears what its time may hang on. */
export async function traceRecorder(bytes: Uint8Array): Promise<TraceRecorder> {
  const { module, sites } = tracedWasm(bytes);
  let told = new Int32Array(1 << 20);
  let length = 0;
  let hears = false;
  const value = (number: number, site: number): number => {
    if (!hears) return number;
    if (length + 2 > told.length) {
      const longer = new Int32Array(told.length * 2);
      longer.set(told);
      told = longer;
    }
    told[length++] = site;
    told[length++] = number;
    return number;
  };
  const truth = (number: number, site: number): number => {
    value(number === 0 ? 0 : 1, site);
    return number;
  };
  const { instance } = await WebAssembly.instantiate(module, { trace: { truth, value } });

  return {
    exports: instance.exports,
    record(run) {
      length = 0;
      hears = true;
      try {
        run();
      } finally {
        hears = false;
      }
      return told.slice(0, length);
    },
    untold:
      (call) =>
      (...args) => {
        const before = hears;
        hears = false;
        try {
          return call(...args);
        } finally {
          hears = before;
        }
      },
    parting(a, b) {
      let at = 0;
      while (at < a.length && a[at] === b[at]) at++;
      if (at === a.length) return a.length === b.length ? null : 'one goes on where the other ends';
      const site = sites[a[at - (at % 2)] ?? -1];
      if (site === undefined) return 'nowhere';
      return `function ${site.function}, byte ${site.at}: ${site.instruction} ${a[at]} and ${b[at]}`;
    },
  };
}
