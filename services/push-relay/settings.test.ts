import { expect, test } from 'vitest';
import { pushServices } from './hook.ts';
import { DEFAULTS, settingsFrom } from './settings.ts';

test('variables become settings, and one that makes no sense is named', () => {
  expect(settingsFrom({})).toEqual(DEFAULTS);
  const settings = settingsFrom({
    PUSH_RELAY_URL: 'https://push.example.org/leyden/',
    PUSH_RELAY_FORGET_DAYS: '2',
    PUSH_RELAY_ORIGINS: 'https://a.example, https://b.example',
  });
  expect(settings.publicUrl).toBe('https://push.example.org/leyden');
  expect(settings.forgetAfterMs).toBe(2 * 86_400_000);
  expect(settings.origins).toEqual(['https://a.example', 'https://b.example']);
  for (const url of ['http://push.example.org', 'push.example.org', 'https://', 'https://x/?q'])
    expect(() => settingsFrom({ PUSH_RELAY_URL: url })).toThrow('PUSH_RELAY_URL');
  expect(() => settingsFrom({ PUSH_RELAY_PORT: 'x' })).toThrow('PUSH_RELAY_PORT');
});

test('the push services of the browsers, and nothing that looks like them', () => {
  const isPushService = pushServices(DEFAULTS.pushServices);
  for (const endpoint of [
    'https://fcm.googleapis.com/fcm/send/abc',
    'https://updates.push.services.mozilla.com/wpush/v2/abc',
    'https://web.push.apple.com/abc',
    'https://db5p.notify.windows.com/w/?token=abc',
  ])
    expect(isPushService(new URL(endpoint))).toBe(true);
  for (const endpoint of [
    'http://fcm.googleapis.com/',
    'https://fcm.googleapis.com:8443/',
    'https://fcm.googleapis.com.evil.example/',
    'https://evil-notify.windows.com.example/',
    'https://notify.windows.com/',
    'https://xnotify.windows.com/',
  ])
    expect(isPushService(new URL(endpoint))).toBe(false);
});
