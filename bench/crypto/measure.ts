/** Microseconds that a call takes: the fastest of several rounds, which is what the machine's noise disturbs least. */
export function microseconds(call: () => unknown, rounds = 9, budgetMs = 25): number {
  const start = performance.now();
  let calls = 0;
  while (performance.now() - start < 2 * budgetMs) {
    call();
    calls++;
  }
  const perRound = Math.max(1, Math.round(calls / 2));
  let best = Number.POSITIVE_INFINITY;
  for (let round = 0; round < rounds; round++) {
    const begin = performance.now();
    for (let i = 0; i < perRound; i++) call();
    best = Math.min(best, (performance.now() - begin) / perRound);
  }
  return best * 1000;
}

/** Columns padded to their widest cell; the first to the left, the others to the right. */
export function table(header: readonly string[], rows: readonly (readonly string[])[]): string {
  const lines = [header, ...rows];
  const widths = header.map((_, column) => Math.max(...lines.map((line) => (line[column] ?? '').length)));
  return lines
    .map((line) =>
      line
        .map((cell, column) =>
          column === 0 ? cell.padEnd(widths[column] ?? 0) : cell.padStart(widths[column] ?? 0),
        )
        .join('  '),
    )
    .join('\n');
}
