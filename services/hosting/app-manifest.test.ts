import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { givenIn } from '../../web/state/given.ts';
import { links, readPlace } from '../../web/state/routes.ts';
import { appManifest } from './app-manifest.ts';

const folder = fileURLToPath(new URL('../../public/', import.meta.url));

describe('the manifest', () => {
  type Icon = {
    readonly src: string;
    readonly type: string;
    readonly sizes: string;
    readonly purpose?: string;
  };
  const ofApp: readonly Icon[] = appManifest.icons;
  const icons: readonly Icon[] = [...ofApp, ...appManifest.shortcuts.flatMap((shortcut) => shortcut.icons)];

  it.each(icons.filter(({ type }) => type === 'image/png'))(
    'has $src, as large as it says',
    ({ src, sizes }) => {
      const bytes = readFileSync(folder + src);
      // PNG §11.2.2: width and height stand first in the first chunk.
      expect([bytes.readUInt32BE(16), bytes.readUInt32BE(20)].join('x')).toBe(sizes);
    },
  );

  it('has an icon that may be cut to any shape, and a plain one large enough to install', () => {
    const of = (purpose: string | undefined): readonly string[] =>
      ofApp.filter((icon) => icon.purpose === purpose).map(({ sizes }) => sizes);
    expect(of('maskable')).toContain('512x512');
    expect(of(undefined)).toEqual(expect.arrayContaining(['192x192', '512x512']));
  });

  it('leads to the screens that its shortcuts name', () => {
    const places = appManifest.shortcuts.map(({ name, url }) => [name, readPlace(url.slice(2))]);
    expect(places).toEqual([
      ['Receive', readPlace(links.receive)],
      ['Send', readPlace(links.send)],
      ['Scan', { ...readPlace(links.send), sheet: 'scan' }],
    ]);
  });

  it('hands over links and shared texts where the page looks for them', () => {
    expect(appManifest.protocol_handlers.map(({ protocol }) => protocol)).toEqual([
      'bitcoin',
      'lightning',
      'web+lightning',
    ]);
    for (const { protocol, url } of appManifest.protocol_handlers) {
      const link = `${protocol}:bcrt1qexample?amount=0.1`;
      const opened = new URL(url.replace('%s', encodeURIComponent(link)), 'https://wallet.example/');
      expect(givenIn(opened.href)).toContain('bcrt1qexample?amount=0.1');
    }
    const { action, method, params } = appManifest.share_target;
    expect(method).toBe('GET');
    for (const name of Object.values(params) as readonly string[]) {
      const shared = new URL(action, 'https://wallet.example/');
      shared.searchParams.set(name, 'lnbcrt1abc');
      expect(givenIn(shared.href)).toBe('lnbcrt1abc');
    }
  });
});
