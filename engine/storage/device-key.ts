/**
 * Keys that the browser keeps and does not give out: they are used, never read. Code of this page can use them, so
 * that this alone keeps nobody out who sits at the device, and a copy of the browser's whole profile holds them as
 * well; a copy of the wallet's records alone does not.
 */
export type DeviceKeys = {
  /** Makes a key under this name, durable when it resolves, and seals with it. */
  readonly seal: (name: string, aad: Uint8Array, plain: Uint8Array) => Promise<Uint8Array>;
  /** Null when there is no such key, or this was not sealed with it. */
  readonly open: (name: string, aad: Uint8Array, sealed: Uint8Array) => Promise<Uint8Array | null>;
  readonly forget: (name: string) => Promise<void>;
};
