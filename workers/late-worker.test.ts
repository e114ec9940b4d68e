import { expect, it } from 'vitest';
import { LateWorker } from './late-worker.ts';

/** Of a worker, what a LateWorker uses. */
class Started {
  readonly told: unknown[] = [];
  readonly listeners = new Set<unknown>();
  ended = false;

  postMessage(message: unknown, transfer: readonly Transferable[]): void {
    this.told.push([message, transfer.length]);
  }
  addEventListener(_type: string, listener: unknown): void {
    this.listeners.add(listener);
  }
  removeEventListener(_type: string, listener: unknown): void {
    this.listeners.delete(listener);
  }
  terminate(): void {
    this.ended = true;
  }
}
const begin = (late: LateWorker): Started[] => {
  const made: Started[] = [];
  late.begin(() => {
    const worker = new Started();
    made.push(worker);
    return worker as unknown as Worker;
  });
  return made;
};

it('is told in order what it was told before it started, and heard by who listened', () => {
  const late = new LateWorker();
  const [heard, left, later] = [() => undefined, () => undefined, () => undefined];
  late.addEventListener('message', heard);
  late.addEventListener('message', left);
  late.removeEventListener('message', left);
  late.postMessage(1);
  late.postMessage(2, [new ArrayBuffer(1)]);
  const [worker] = begin(late);
  late.postMessage(3);
  late.addEventListener('message', later);
  expect(worker?.told).toEqual([
    [1, 0],
    [2, 1],
    [3, 0],
  ]);
  expect([...(worker?.listeners ?? [])]).toEqual([heard, later]);
  late.removeEventListener('message', heard);
  expect([...(worker?.listeners ?? [])]).toEqual([later]);
});

it('starts once, and not any more when its page is left', () => {
  const late = new LateWorker();
  const [worker] = begin(late);
  expect(begin(late)).toEqual([]);
  late.terminate();
  expect(worker?.ended).toBe(true);
  const left = new LateWorker();
  left.terminate();
  expect(begin(left)).toEqual([]);
});
