export type Environment = Readonly<Record<string, string | undefined>>;

/** Settings of a program from variables that begin with `prefix`; one that is missing or empty is the fallback. */
export class Variables {
  readonly #environment: Environment;
  readonly #prefix: string;

  constructor(environment: Environment, prefix: string) {
    this.#environment = environment;
    this.#prefix = prefix;
  }

  text(name: string, fallback: string): string {
    return this.#given(name) ?? fallback;
  }

  /** @throws {Error} names the variable that makes no sense */
  number(name: string, fallback: number): number {
    const text = this.#given(name);
    if (text === null) return fallback;
    const value = Number(text);
    if (!Number.isInteger(value) || value < 0)
      throw new Error(`${this.#prefix}${name} is not a whole number: ${text}`);
    return value;
  }

  /** Separated by commas. */
  list(name: string, fallback: readonly string[]): readonly string[] {
    const text = this.#given(name);
    if (text === null) return fallback;
    return text
      .split(',')
      .map((item) => item.trim())
      .filter((item) => item !== '');
  }

  yes(name: string): boolean {
    return this.#given(name) === 'yes';
  }

  #given(name: string): string | null {
    const text = this.#environment[this.#prefix + name];
    return text === undefined || text === '' ? null : text;
  }
}
