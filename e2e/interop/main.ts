// `npm run interop [-- --build | --list | --write | --soak 30m | --browser] [peer…] [scenario…]`: the same scenarios against
// every Lightning implementation that is here; `--browser`: with our side in Chromium.
import { parseArgs } from 'node:util';
import { build } from './build.ts';
import type { Implementation } from './implementation.ts';
import { IMPLEMENTATIONS, isHere } from './implementations.ts';
import { play, soak, writeDocument } from './played.ts';
import type { Place } from './place.ts';
import { playedIn } from './played-in.ts';
import { SCENARIO_LINES } from './scenario-lines.ts';

const SCENARIO_NAMES: readonly string[] = SCENARIO_LINES.map(({ name }) => name);

const say = (line: string): void => {
  process.stdout.write(`${line}\n`);
};

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    build: { type: 'boolean', default: false },
    list: { type: 'boolean', default: false },
    write: { type: 'boolean', default: false },
    browser: { type: 'boolean', default: false },
    soak: { type: 'string' },
  },
});
const named = IMPLEMENTATIONS.filter(({ name }) => positionals.some((word) => word === name));
const place: Place = values.browser ? 'chromium' : 'process';
const scenarios = positionals.filter((word) => SCENARIO_NAMES.includes(word));
const unknown = positionals.filter(
  (word) => !scenarios.includes(word) && !named.some(({ name }) => name === word),
);

function list(): void {
  say('Implementations:');
  for (const one of IMPLEMENTATIONS)
    say(
      `  ${one.name.padEnd(10)} ${one.title}${isHere(one) ? '' : ` (not here: npm run interop -- --build ${one.name})`}`,
    );
  say(`Scenarios:\n  ${SCENARIO_NAMES.join(' ')}`);
}

/** @returns the exit code */
async function main(): Promise<number> {
  if (unknown.length > 0) {
    say(`There is no ${unknown.join(', ')}.`);
    list();
    return 2;
  }
  if (values.list) {
    list();
    return 0;
  }
  if (values.write) {
    await writeDocument(say);
    return 0;
  }
  if (values.build) return build(named.length > 0 ? named : IMPLEMENTATIONS, say);
  const missing = named.filter((one: Implementation) => !isHere(one));
  if (missing.length > 0) {
    const names = missing.map(({ name }) => name).join(' ');
    say(`Not here: ${names}. They are built by: npm run interop -- --build ${names}`);
    return 1;
  }
  if (values.soak !== undefined) {
    const minutes = /^(\d+)m$/.exec(values.soak)?.[1];
    if (minutes !== undefined)
      return soak(
        named.map(({ name }) => name),
        Number(minutes),
      );
    say('A soak takes minutes: --soak 30m');
    return 2;
  }
  const notThere = scenarios.filter((word) => !playedIn(place).some((name) => name === word));
  if (notThere.length > 0) {
    say(`Not from Chromium: ${notThere.join(' ')}. From there: ${playedIn(place).join(' ')}`);
    return 2;
  }
  return play(
    place,
    named.map(({ name }) => name),
    scenarios,
    say,
  );
}

process.exit(await main());
