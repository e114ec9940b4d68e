import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildFiles, importMapOf, integrityOf, withIntegrity } from './build-files.ts';
import { developmentPolicy, headersWith, pagePolicy, pagePolicyWith } from './policy.ts';

it('lists what makes up a build and nothing a host may change', () => {
  const folder = mkdtempSync(join(tmpdir(), 'leyden-build-'));
  try {
    mkdirSync(join(folder, 'assets'));
    for (const path of ['index.html', 'assets/a.js', 'config.json', '_headers', 'service-worker.js'])
      writeFileSync(join(folder, path), path);
    expect(buildFiles(folder)).toEqual([
      { path: 'assets/a.js', integrity: integrityOf('assets/a.js') },
      { path: 'index.html', integrity: integrityOf('index.html') },
    ]);
  } finally {
    rmSync(folder, { recursive: true });
  }
});

it('hashes as browsers do', () => {
  // The example of the specification of subresource integrity.
  expect(integrityOf("alert('Hello, world.');")).toBe(
    'sha384-H8BRh8j48O9oYatfu5AZzq6A9RINhZO5H16dQZngK7T62em8MUt1FLm52t+eX6xO',
  );
});

it('writes a hash beside every script and style, and refuses a name without one', () => {
  const html = `<link rel="icon" href="./icons/mark.svg" />
<script type="module" crossorigin src="./assets/index-1.js"></script>
<link rel="stylesheet" crossorigin href="./assets/index-2.css">`;
  expect(withIntegrity(html, (path) => `hash of ${path}`)).toBe(`<link rel="icon" href="./icons/mark.svg" />
<script type="module" crossorigin src="./assets/index-1.js" integrity="hash of assets/index-1.js"></script>
<link rel="stylesheet" crossorigin href="./assets/index-2.css" integrity="hash of assets/index-2.css">`);
  expect(() => withIntegrity(html, () => undefined)).toThrow('was not built');
});

it('lets nothing unsafe into the page, whatever development needs', () => {
  expect(pagePolicy).not.toMatch(/'unsafe-|(?<!-)data:|blob:|\*(?!;|\s|$)/);
  expect(pagePolicy).toContain("require-trusted-types-for 'script'");
  expect(developmentPolicy).toContain("style-src 'self' 'unsafe-inline'");
  expect(developmentPolicy).toContain("script-src 'self' 'wasm-unsafe-eval'");
  expect(headersWith(pagePolicy)['content-security-policy']).toContain(pagePolicy);
});

it('holds every script that another one names to its hash, and takes no import map but that one', () => {
  const map = importMapOf([
    { path: 'assets/a.js', integrity: 'sha384-a' },
    { path: 'assets/a.css', integrity: 'sha384-b' },
    { path: 'index.html', integrity: 'sha384-c' },
  ]);
  expect(map).toBe('{"integrity":{"./assets/a.js":"sha384-a"}}');
  const scripts = / script-src ([^;]*);/.exec(pagePolicyWith(map))?.[1];
  expect(scripts).toMatch(/^'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}='$/);
  expect(pagePolicyWith(`${map} `)).not.toContain(scripts);
});
