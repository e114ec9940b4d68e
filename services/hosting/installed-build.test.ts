import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { buildFiles } from './build-files.ts';
import { installedFaults } from './installed-build.ts';

describe('a build', () => {
  let folder = '';
  const write = (name: string, text: string): void => writeFileSync(join(folder, name), text);
  const remove = (name: string): void => rmSync(join(folder, name));
  const list = (): void => write('service-worker.js', JSON.stringify(buildFiles(folder)));

  beforeEach(() => {
    folder = mkdtempSync(join(tmpdir(), 'leyden-build-'));
    mkdirSync(join(folder, 'icons'));
    write('icons/one.png', 'one');
    write('icons/two.png', 'two');
    write('index.html', '<link rel="manifest" href="./manifest.webmanifest">');
    const shortcuts = [{ name: 'Send', icons: [{ src: './icons/two.png' }] }];
    write('manifest.webmanifest', JSON.stringify({ icons: [{ src: './icons/one.png' }], shortcuts }));
    list();
  });
  afterEach(() => rmSync(folder, { recursive: true }));

  it('that is whole can be installed', () => {
    expect(installedFaults(folder)).toEqual([]);
  });

  it('without a manifest, or with one that is not named, cannot', () => {
    write('index.html', 'a page');
    remove('manifest.webmanifest');
    list();
    expect(installedFaults(folder)).toEqual([
      'manifest.webmanifest is missing',
      'index.html does not name manifest.webmanifest',
    ]);
  });

  it('with a manifest that cannot be read is none', () => {
    write('manifest.webmanifest', '{"icons": [');
    expect(() => installedFaults(folder)).toThrow(SyntaxError);
  });

  it('lacks no icon that its manifest names', () => {
    remove('icons/one.png');
    remove('icons/two.png');
    list();
    expect(installedFaults(folder)).toEqual(['./icons/one.png is missing', './icons/two.png is missing']);
  });

  it('without a service worker, or with the one of another build, cannot', () => {
    remove('service-worker.js');
    expect(installedFaults(folder)).toEqual(['service-worker.js is missing']);
    list();
    write('index.html', '<link rel="manifest" href="./manifest.webmanifest"> and more');
    expect(installedFaults(folder)).toEqual(['service-worker.js does not hold index.html to its hash']);
  });
});
