import { forget, keep, recall, type Flat } from './kept.ts';

/** What a person has typed in one flow: a reload in the middle returns to it, closing the tab forgets it. */
export class Draft<T extends Flat> {
  value: T = $state.raw() as T;
  #key: string;
  #empty: T;

  constructor(key: string, empty: T) {
    this.#key = `draft/${key}`;
    this.#empty = empty;
    this.value = recall('tab', this.#key, empty);
  }

  set(change: Partial<T>): void {
    this.value = { ...this.value, ...change };
    keep('tab', this.#key, this.value);
  }

  clear(): void {
    this.value = this.#empty;
    forget('tab', this.#key);
  }
}
