import { EventEmitter } from 'node:events';
import type { ByteStream } from '../../e2e/world/ldk/transport.ts';

class MemoryStream extends EventEmitter implements ByteStream {
  /** Nothing waits: what is written is delivered within the turn. */
  readonly writableLength = 0;
  far: MemoryStream | null = null;
  #paused: Uint8Array[] | null = null;

  write(bytes: Uint8Array): void {
    queueMicrotask(() => this.far?.arrive(bytes));
  }

  arrive(bytes: Uint8Array): void {
    if (this.#paused === null) this.emit('data', bytes);
    else this.#paused.push(bytes);
  }

  pause(): void {
    this.#paused ??= [];
  }

  resume(): void {
    const waiting = this.#paused ?? [];
    this.#paused = null;
    for (const bytes of waiting) queueMicrotask(() => this.arrive(bytes));
  }

  destroy(): void {
    queueMicrotask(() => this.emit('close'));
  }
}

/** Two ends of a byte stream in memory. */
export function memoryStreams(): readonly [ByteStream, ByteStream] {
  const [near, far] = [new MemoryStream(), new MemoryStream()];
  near.far = far;
  far.far = near;
  return [near, far];
}
