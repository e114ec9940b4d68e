import { expect, test } from 'vitest';
import { DEFAULTS, settingsFrom } from './settings.ts';

test('nothing set: the defaults, which let nobody into private networks', () => {
  expect(settingsFrom({})).toEqual(DEFAULTS);
  expect(DEFAULTS.allow).toEqual(['public']);
});

test('lists, numbers and switches', () => {
  expect(
    settingsFrom({
      PROXY_PORT: '0',
      PROXY_ALLOW: 'public, 127.0.0.0/8',
      PROXY_ORIGINS: 'https://a.example,https://b.example',
      PROXY_TRUST_FORWARDED_FOR: 'yes',
      PROXY_IDLE_SECONDS: '90',
    }),
  ).toMatchObject({
    port: 0,
    allow: ['public', '127.0.0.0/8'],
    origins: ['https://a.example', 'https://b.example'],
    trustForwardedFor: true,
    idleMs: 90_000,
  });
});

test('nonsense is named', () => {
  expect(() => settingsFrom({ PROXY_BURST: 'many' })).toThrow('PROXY_BURST is not a whole number: many');
});
