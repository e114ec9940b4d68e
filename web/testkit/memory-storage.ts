/** Of a browser's storage what the page uses of it: its entries are its own properties. */
export class MemoryStorage {
  [name: string]: unknown;

  getItem(key: string): string | null {
    return (this[key] as string | undefined) ?? null;
  }

  setItem(key: string, value: string): void {
    this[key] = value;
  }

  removeItem(key: string): void {
    delete this[key];
  }
}
