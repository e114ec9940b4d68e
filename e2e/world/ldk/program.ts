import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { programOf } from '../program.ts';

/**
 * The peer's program in one file: LDK's package is 1,400 modules, which read one by one through a TypeScript loader cost
 * two seconds at each start, in one file a tenth of that.
 */
export const ldkProgram = (): Promise<string> =>
  programOf({
    name: 'ldk',
    entry: new URL('./process.ts', import.meta.url),
    sources: [new URL('../', import.meta.url)],
    salt: readFileSync(createRequire(import.meta.url).resolve('lightningdevkit/package.json'), 'utf8'),
    withPackages: true,
  });
