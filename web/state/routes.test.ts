import { describe, expect, it } from 'vitest';
import { links, readPlace } from './routes.ts';

describe('places', () => {
  it.each([
    ['', { name: 'home' }],
    ['#', { name: 'home' }],
    ['#/', { name: 'home' }],
    ['#/send/review', { name: 'send-review' }],
    ['#/activity/', { name: 'activity', id: null }],
    ['#/activity/a%2Fb', { name: 'activity', id: 'a/b' }],
    ['#/channels/ab/close', { name: 'channel-close', id: 'ab' }],
    ['#/nowhere', { name: 'not-found' }],
    ['#/activity/%E0%A4%A', { name: 'not-found' }],
    ['#/constructor', { name: 'not-found' }],
    ['#/__proto__', { name: 'not-found' }],
  ])('%s', (hash, route) => {
    expect(readPlace(hash).route).toEqual(route);
  });

  it('is found at once however many slashes a link has', () => {
    const slashes = '/'.repeat(300_000);
    expect(readPlace(`#${slashes}a`).route).toEqual({ name: 'not-found' });
    expect(readPlace(`#/activity${slashes}`).route).toEqual({ name: 'activity', id: null });
  });

  it('keeps an open sheet in the URL', () => {
    expect(readPlace('#/receive?sheet=edit')).toEqual({ route: { name: 'receive' }, sheet: 'edit' });
    expect(readPlace('#/receive').sheet).toBeNull();
  });

  it('leads back to what a link was made from', () => {
    expect(readPlace(links.payment('id with/odd?signs')).route).toEqual({
      name: 'activity',
      id: 'id with/odd?signs',
    });
    for (const link of Object.values(links))
      expect(readPlace(typeof link === 'string' ? link : link('x')).route.name).not.toBe('not-found');
  });
});
