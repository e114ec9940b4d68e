// The one place where LDK's generated bindings, loose in types and odd in manners, are made usable. Everything else in
// this folder takes `ldk` from here.
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import * as ldk from 'lightningdevkit';
import * as bindings from 'lightningdevkit/bindings.mjs';

export { ldk };

let loading: Promise<void> | null = null;

/** Compiles the WebAssembly, once per process (about 0.2 s). */
export function load(): Promise<void> {
  loading ??= (async () => {
    const file = createRequire(import.meta.url).resolve('lightningdevkit/liblightningjs.wasm');
    const log = console.log;
    // The package greets on the console.
    console.log = () => {};
    try {
      await ldk.initializeWasmFromBinary(readFileSync(file));
    } finally {
      console.log = log;
    }
  })();
  return loading;
}

const pinned: unknown[] = [];
/**
 * Keeps the object for the life of the process. Rust holds JavaScript objects by weak references only: whatever it may
 * call must be reachable from somewhere, or it is collected and the next call crashes.
 */
export function pin<T>(object: T): T {
  pinned.push(object);
  return object;
}

export const hex = (bytes: Uint8Array): string => Buffer.from(bytes).toString('hex');
export const unhex = (text: string): Uint8Array => new Uint8Array(Buffer.from(text, 'hex'));
/** Hashes: display order to wire order and back. */
export const reversed = (bytes: Uint8Array): Uint8Array => Uint8Array.from(bytes).reverse();
export const hash32 = (display: string): Uint8Array => reversed(unhex(display));
export const displayHash = (wire: Uint8Array): string => hex(reversed(wire));

type LdkResult = { is_ok(): boolean };
type Settled = { readonly res?: unknown; readonly err?: unknown };

/** @throws {Error} with LDK's own words when the result is an error */
export function unwrap<T = void>(result: LdkResult, what: string): T {
  if (!isOk(result)) throw new Error(`${what}: ${errorText((result as Settled).err)}`);
  return (result as Settled).res as T;
}
export const errorOf = (result: LdkResult): unknown => (result as Settled).err;
/** LDK's booleans arrive as 1 and 0, whatever their types say. */
export const isTrue = (flag: unknown): boolean => flag === true || flag === 1;
export const isOk = (result: LdkResult): boolean => isTrue(result.is_ok());

/** Whatever LDK gives as an error, in words. */
export function errorText(error: unknown): string {
  if (error === null || error === undefined) return 'refused without reason';
  if (typeof error !== 'object') return JSON.stringify(error);
  const { err, to_str: toText } = error as { err?: unknown; to_str?: () => string };
  const name = error.constructor.name;
  if (typeof err === 'string') return `${name}: ${err}`;
  if (typeof err === 'object' && err !== null) return `${name}: ${errorText(err)}`;
  return typeof toText === 'function' ? `${name}: ${toText.call(error)}` : name;
}

/** What an LDK option holds, or null. */
export const some = <T>(option: object): T | null => ('some' in option ? (option.some as T) : null);
export const optionU64 = (value: bigint | null | undefined): ldk.Option_u64Z =>
  value === null || value === undefined
    ? ldk.Option_u64Z.constructor_none()
    : ldk.Option_u64Z.constructor_some(value);
/** LDK marks an absent object by a null pointer inside. */
export const isNull = (object: object): boolean => (object as { ptr: bigint }).ptr === 0n;

/** An LDK enum's or class's name without what all of its kind begin with. */
export const shortName = (name: string | undefined, prefix: string): string =>
  (name ?? 'unknown').replace(prefix, '');
export const variantName = (object: object, prefix: string): string =>
  shortName(object.constructor.name, prefix);

/** The package writes 128-bit numbers in one byte order and reads them in the other. */
export function fixU128(value: bigint): bigint {
  let result = 0n;
  for (let rest = value, i = 0; i < 16; i++, rest >>= 8n) result = (result << 8n) | (rest & 255n);
  return result;
}

/** The package gives small unsigned numbers back signed. */
export const unsigned16 = (value: number): number => value & 0xffff;

/** Feature bits from a little-endian bit field. */
export function featureBits(flags: Uint8Array): number[] {
  const bits: number[] = [];
  for (let bit = 0; bit < flags.length * 8; bit++) {
    if (((flags[bit >> 3] ?? 0) & (1 << (bit & 7))) !== 0) bits.push(bit);
  }
  return bits;
}

/** The parts of the bindings below the classes, by pointer: undeclared in the package's types. */
type RawBindings = {
  decodeUint8Array(pointer: bigint): Uint8Array;
  Record_free(record: bigint): void;
  OutPoint_free(outPoint: bigint): void;
  OutPoint_get_txid(outPoint: bigint): bigint;
  OutPoint_get_index(outPoint: bigint): number;
  ChannelMonitor_write(monitor: bigint): bigint;
  ChannelMonitor_free(monitor: bigint): void;
  ChannelMonitorUpdate_write(update: bigint): bigint;
  ChannelMonitorUpdate_free(update: bigint): void;
};
const raw = bindings as unknown as RawBindings;
type WithInstance = { bindings_instance: Record<string, (...pointers: bigint[]) => number | void> };
const instanceOf = (object: object): WithInstance['bindings_instance'] =>
  (object as WithInstance).bindings_instance;

/** Logs nothing. A wrapper and a finalizer for each of some 215 records per payment would cost more than the payment. */
export function silentLogger(): ldk.Logger {
  const logger = pin(ldk.Logger.new_impl({ log: () => {} }));
  instanceOf(logger)['log'] = (record) => raw.Record_free(record ?? 0n);
  return logger;
}

export type MonitorSink = {
  /** The whole monitor, each time it changes. */
  readonly save: (fundingOutPoint: string, bytes: Uint8Array) => void;
  /** When given: what changed, instead of the whole monitor, wherever LDK can tell. */
  readonly update?: (fundingOutPoint: string, bytes: Uint8Array) => void;
  /** Nothing is left to watch. */
  readonly forget: (fundingOutPoint: string) => void;
  /** Saving failed; LDK is told, and must not go on. */
  readonly failed: (error: unknown) => void;
};

/**
 * Each call brings a deep copy of the whole monitor. By the package's classes it would live until some later garbage
 * collection (a hundred megabytes in a thousand payments), so pointers are used and freed at once.
 */
export function persister(sink: MonitorSink): ldk.Persist {
  const done = ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_Completed;
  const unrecoverable = ldk.ChannelMonitorUpdateStatus.LDKChannelMonitorUpdateStatus_UnrecoverableError;
  const placeholder = () => done;
  const persist = pin(
    ldk.Persist.new_impl({
      persist_new_channel: placeholder,
      update_persisted_channel: placeholder,
      archive_persisted_channel: () => {},
    }),
  );
  const nameOf = (outPoint: bigint): string =>
    `${displayHash(raw.decodeUint8Array(raw.OutPoint_get_txid(outPoint)))}_${unsigned16(raw.OutPoint_get_index(outPoint))}`;
  const guarded = (work: () => void, free: () => void): number => {
    try {
      work();
      return done;
    } catch (error) {
      sink.failed(error);
      return unrecoverable;
    } finally {
      free();
    }
  };
  const save = (outPoint: bigint, monitor: bigint): void =>
    sink.save(nameOf(outPoint), raw.decodeUint8Array(raw.ChannelMonitor_write(monitor)));
  const instance = instanceOf(persist);
  instance['persist_new_channel'] = (outPoint = 0n, monitor = 0n) =>
    guarded(
      () => save(outPoint, monitor),
      () => {
        raw.OutPoint_free(outPoint);
        raw.ChannelMonitor_free(monitor);
      },
    );
  instance['update_persisted_channel'] = (outPoint = 0n, update = 0n, monitor = 0n) =>
    guarded(
      () => {
        if (update === 0n || sink.update === undefined) save(outPoint, monitor);
        else sink.update(nameOf(outPoint), raw.decodeUint8Array(raw.ChannelMonitorUpdate_write(update)));
      },
      () => {
        raw.OutPoint_free(outPoint);
        if (update !== 0n) raw.ChannelMonitorUpdate_free(update);
        raw.ChannelMonitor_free(monitor);
      },
    );
  instance['archive_persisted_channel'] = (outPoint = 0n) => {
    guarded(
      () => sink.forget(nameOf(outPoint)),
      () => raw.OutPoint_free(outPoint),
    );
  };
  return persist;
}

/** Events providers keep a reference to each handler they were given, for ever: let go of them now and then. */
export function trimReferences(object: object): void {
  const { ptrs_to: references } = object as { ptrs_to: unknown[] };
  if (references.length > 1000) references.length = 0;
}
