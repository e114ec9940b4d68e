/** The first of these programs that is on PATH, as an absolute path. */
export declare function onPath(names: readonly string[]): string | null;
/** Runs to the end; rejects with the program's last words when it fails. Resolves with what it printed, when quiet. */
export declare function run(
  program: string,
  args: readonly string[],
  options?: { cwd?: string; quiet?: boolean; env?: Record<string, string> },
): Promise<string>;
