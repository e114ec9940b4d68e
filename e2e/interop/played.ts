import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { ROOT } from '../install.mjs';
import { featuresSeen, RESULTS } from './features-seen.ts';
import type { ImplementationName } from './implementation.ts';
import { IMPLEMENTATIONS, isHere } from './implementations.ts';
import { cellsOf, tableText } from './table.ts';

const REPORT = join(RESULTS, 'interop.json');
const DOCUMENT = join(ROOT, 'docs', 'interop.md');

/** No names: everybody that is here, everything. Writes the document when that is everybody there is. */
export async function play(
  peers: readonly ImplementationName[],
  scenarios: readonly string[],
  say: (line: string) => void,
): Promise<number> {
  mkdirSync(RESULTS, { recursive: true });
  rmSync(REPORT, { force: true });
  const code = await run([...peers, ...scenarios]);
  if (!existsSync(REPORT)) return code === 0 ? 1 : code;
  const cells = cellsOf(JSON.parse(readFileSync(REPORT, 'utf8')));
  for (const { peer, scenario, passed, seconds } of cells)
    say(`${passed ? 'ok  ' : 'FAIL'} ${peer.padEnd(9)} ${scenario.padEnd(24)} ${seconds.toFixed(1)} s`);
  const isWhole = peers.length + scenarios.length === 0;
  const absent = IMPLEMENTATIONS.filter((one) => !isHere(one));
  if (isWhole && absent.length > 0)
    say(`Not here: ${absent.map(({ name }) => name).join(', ')}. docs/interop.md is left as it is.`);
  else if (isWhole && code !== 0) say('docs/interop.md is left as it is.');
  else if (isWhole) {
    writeFileSync(DOCUMENT, tableText(cells, featuresSeen()));
    say('docs/interop.md is written.');
  }
  return code;
}

function run(names: readonly string[]): Promise<number> {
  const words = [
    'run',
    '--project',
    'interop',
    '--reporter=verbose',
    '--reporter=json',
    `--outputFile.json=${REPORT}`,
  ];
  return new Promise((resolve) => {
    const child = spawn('npx', ['vitest', ...words], {
      cwd: ROOT,
      stdio: 'inherit',
      env: { ...process.env, LEYDEN_INTEROP: names.join(','), LEYDEN_INTEROP_WHOLE: '1' },
    });
    child.on('close', (code) => resolve(code ?? 1));
  });
}
