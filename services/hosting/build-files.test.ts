import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, it } from 'vitest';
import { buildOf } from '../../workers/service-worker/build.ts';
import { buildFiles, importMapOf, integrityOf, precacheOf, withIntegrity } from './build-files.ts';
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
  expect(integrityOf("alert('Hello, world.');")).toBe('sha256-qznLcsROx4GACP2dm0UCKCzCG+HiZ1guq6ZZDob/Tng=');
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
    { path: 'assets/a.js', integrity: 'sha256-a' },
    { path: 'assets/a.css', integrity: 'sha256-b' },
    { path: 'index.html', integrity: 'sha256-c' },
  ]);
  expect(map).toBe('{"integrity":{"./assets/a.js":"sha256-a"}}');
  const scripts = / script-src ([^;]*);/.exec(pagePolicyWith(map))?.[1];
  expect(scripts).toMatch(/^'self' 'wasm-unsafe-eval' 'sha256-[\w+/]{43}='$/);
  expect(pagePolicyWith(`${map} `)).not.toContain(scripts);
});

it('tells the service worker what it is made of, which takes no list that is not whole', () => {
  const files = [
    { path: 'assets/a.js', integrity: 'sha256-a' },
    { path: 'index.html', integrity: 'sha256-b' },
  ];
  const written = precacheOf(files);
  const { id } = buildOf(written);
  expect(buildOf(written)).toEqual({ id, files });
  // Another build by any one file.
  const other = precacheOf(
    files.map((file, index) => (index === 0 ? { ...file, integrity: 'sha256-c' } : file)),
  );
  expect(buildOf(other).id).not.toBe(id);
  expect(() => buildOf(written.slice(0, 1))).toThrow('which it is');
  const bare = written.map(({ url, revision }) => ({ url, revision }));
  expect(() => buildOf(bare)).toThrow('assets/a.js has no hash');
  expect(() => buildOf([])).toThrow('which it is');
});
