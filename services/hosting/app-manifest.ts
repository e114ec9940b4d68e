import type { ManifestOptions } from 'vite-plugin-pwa';

const icon = (size: 192 | 512) => ({
  src: `./icons/icon-${size}.png`,
  type: 'image/png',
  sizes: `${size}x${size}`,
});

const shortcut = (name: string, place: string) => ({ name, url: `./#/${place}`, icons: [icon(192)] });

const OPENED = './?open=%s';

/** What the page tells a browser that may install it: https://w3c.github.io/manifest/ */
export const appManifest = {
  name: 'Leyden',
  short_name: 'Leyden',
  description: 'A self-custodial Lightning wallet in a browser tab',
  lang: 'en',
  id: './',
  start_url: './#/',
  scope: './',
  display: 'standalone',
  background_color: '#faf9f6',
  theme_color: '#faf9f6',
  categories: ['finance'],
  icons: [
    { src: './icons/mark.svg', type: 'image/svg+xml', sizes: 'any' },
    icon(192),
    icon(512),
    { ...icon(512), src: './icons/icon-maskable-512.png', purpose: 'maskable' },
  ],
  shortcuts: [shortcut('Receive', 'receive'), shortcut('Send', 'send'), shortcut('Scan', 'send?sheet=scan')],
  share_target: {
    action: './',
    method: 'GET',
    enctype: 'application/x-www-form-urlencoded',
    params: { title: 'title', text: 'text', url: 'url' },
  },
  protocol_handlers: [
    { protocol: 'bitcoin', url: OPENED },
    // Not among the schemes that pages may have (HTML §8.9.1.3, "safelisted scheme"): a browser that knows only those
    // leaves this one out and takes the others; for it stands the next.
    { protocol: 'lightning', url: OPENED },
    { protocol: 'web+lightning', url: OPENED },
  ],
  launch_handler: { client_mode: 'focus-existing' },
} satisfies Partial<ManifestOptions>;
