import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { format, resolveConfig } from 'prettier';
import { expect, test } from 'vitest';
import { ROOT } from '../install.mjs';
import { whyNot } from '../interop/cannot.ts';
import { DIFFERENCES } from '../interop/differences.ts';
import { cellsIn, featuresIn } from '../interop/document.ts';
import { SCENARIO_LINES, type ScenarioName } from '../interop/scenario-lines.ts';
import { tableText } from '../interop/table.ts';

const DOCUMENT = join(ROOT, 'docs', 'interop.md');
const NAMES: readonly string[] = SCENARIO_LINES.map(({ name }) => name);

test.each(DIFFERENCES.map(({ peer, what, shownBy }) => [peer, what.slice(0, 40), shownBy] as const))(
  'a scenario that shows what %s does is played with it: %s',
  (peer, _what, shownBy) => {
    const played = shownBy.filter((proof): proof is ScenarioName => NAMES.includes(proof));
    expect(played.filter((name) => whyNot(peer, name) !== null)).toEqual([]);
  },
);

test('docs/interop.md says what would be written of its cells today: npm run interop -- --write', async () => {
  const text = readFileSync(DOCUMENT, 'utf8');
  const written = tableText(cellsIn(text), featuresIn(text));
  expect(text).toBe(await format(written, { ...(await resolveConfig(DOCUMENT)), filepath: DOCUMENT }));
});
