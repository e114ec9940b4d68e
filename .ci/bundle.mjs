// The start path: what a cold load transfers before the balance is on the screen, brotli-compressed as a static host
// would send it: whatever index.html names (the entry, what it imports at once, the styles, the icon), with all that
// this imports statically, and the worker's entry with its own. The curve in WebAssembly is not held to the budget: the
// worker asks for it beside, and the balance, which is read from the disk, waits for no signature. It is printed with
// the rest all the same: that sum is what a first visit transfers. `npm run bench -- page` counts both in a browser.
import { readFileSync, readdirSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { brotliCompressSync, constants } from 'node:zlib';

const SITE = 'dist/site';
const BUDGET = 300_000;

const html = readFileSync(join(SITE, 'index.html'), 'utf8');
const start = [...html.matchAll(/(?:src|href)="\.\/([^"]+\.(?:js|css|svg))"/g)].map((match) => match[1]);
if (!start.some((name) => /^assets\/page-.*\.js$/.test(name)))
  throw new Error(
    'index.html does not name the page: it would be fetched after the entry, and not be counted',
  );
start.push(
  ...readdirSync(join(SITE, 'assets'))
    .filter((name) => /^engine-worker.*\.js$/.test(name))
    .map((name) => `assets/${name}`),
);

const seen = new Set();
function visit(path) {
  if (seen.has(path)) return;
  seen.add(path);
  if (!path.endsWith('.js')) return;
  const code = readFileSync(join(SITE, path), 'utf8');
  for (const match of code.matchAll(/(?:from|import)\s*["'](\.[^"']+\.js)["']/g))
    visit(normalize(join(dirname(path), match[1])));
}
start.forEach(visit);

const brotli = (path) =>
  brotliCompressSync(readFileSync(join(SITE, path)), { params: { [constants.BROTLI_PARAM_QUALITY]: 11 } })
    .length;
const rows = [...seen].map((path) => ({ path, size: brotli(path) }));
const total = rows.reduce((sum, row) => sum + row.size, 0) + brotliCompressSync(Buffer.from(html)).length;
for (const row of rows.sort((a, b) => b.size - a.size))
  console.log(`${String(row.size).padStart(8)}  ${row.path}`);
const curves = readdirSync(join(SITE, 'assets')).filter((name) => /^secp256k1.*\.wasm$/.test(name));
if (curves.length !== 1) throw new Error(`one curve is fetched at the start, and ${curves.length} are built`);
const curve = brotli(`assets/${curves[0]}`);
console.log(`bundle: start path ${total} of ${BUDGET} bytes brotli, until the balance is shown`);
console.log(
  `bundle: ${total + curve} with the curve in WebAssembly (${curve}), which the balance does not wait for`,
);
process.exit(total <= BUDGET ? 0 : 1);
