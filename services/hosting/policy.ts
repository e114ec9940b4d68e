import { createHash } from 'node:crypto';

/** The only Trusted Types policies: Svelte's own for its templates, and ours for the scripts that start by URL. */
export const TRUSTED_TYPES = 'svelte-trusted-html leyden';

/**
 * What the page may load and run. Scripts and styles only from its own origin, none from text, none inline
 * but the import map that a build writes (by its hash, see whole-build.ts).
 * 'wasm-unsafe-eval' lets WebAssembly be compiled (the curve) and nothing else; no narrower word exists.
 * connect-src names no hosts: a person may choose any server, over TLS or on this machine.
 */
const DIRECTIVES: readonly (readonly [string, string])[] = [
  ['default-src', "'none'"],
  ['script-src', "'self' 'wasm-unsafe-eval'"],
  ['style-src', "'self'"],
  ['img-src', "'self'"],
  ['worker-src', "'self'"],
  ['manifest-src', "'self'"],
  [
    'connect-src',
    "'self' https: wss: http://127.0.0.1:* ws://127.0.0.1:* http://localhost:* ws://localhost:*",
  ],
  ['base-uri', "'none'"],
  ['form-action', "'none'"],
  ['require-trusted-types-for', "'script'"],
  ['trusted-types', TRUSTED_TYPES],
];

const written = (directives: readonly (readonly [string, string])[]): string =>
  directives.map((directive) => directive.join(' ')).join('; ');

/** For the meta element of the built page, so that it holds on any host. */
export const pagePolicy = written(DIRECTIVES);

/** The same, for a page whose import map has this text: it is data of the build, runs nothing, and no other is taken. */
export const pagePolicyWith = (importMap: string): string =>
  written(
    DIRECTIVES.map(([name, sources]) => [
      name,
      name === 'script-src' ? `${sources} ${policyHashOf(importMap)}` : sources,
    ]),
  );

const policyHashOf = (text: string): string =>
  `'sha256-${createHash('sha256').update(text).digest('base64')}'`;

/** In development vite hands styles over inline and its overlay writes HTML; the built page knows no such thing. */
export const developmentPolicy = written(
  DIRECTIVES.filter(([name]) => !name.includes('trusted-types')).map(([name, sources]) =>
    name === 'style-src' ? [name, `${sources} 'unsafe-inline'`] : [name, sources],
  ),
);

/**
 * Headers for every answer of a host. The page works without them; with them workers have the policy too (a meta
 * element binds only the page), nobody frames the page, and its memory is in a process of its own.
 */
export const headersWith = (policy: string): Readonly<Record<string, string>> => ({
  'content-security-policy': `${policy}; frame-ancestors 'none'`,
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-embedder-policy': 'require-corp',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(self), microphone=(), geolocation=(), payment=(), usb=()',
  'referrer-policy': 'no-referrer',
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
});
