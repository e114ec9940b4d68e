import { describe, expect, it } from 'vitest';
import { fromHex } from '../../base/bytes.ts';
import { err, ok } from '../../base/result.ts';
import type { Http } from '../../base/ports.ts';
import { Scorer } from '../../routing/scorer.ts';
import { ManualClock } from '../../testkit/manual-clock.ts';
import type { GraphCache } from '../node-options.ts';
import { ScoresFeed } from './scores-feed.ts';

/** One channel in LDK's format. */
const SCORES = fromHex(
  '2f002d0001' +
    '0000000000000007' +
    '22' +
    '00080000000000000005' +
    '02080000000000000000' +
    '040c0000000069813a8000000000',
);

function stage({
  scores = ['https://a.test/scores', 'https://b.test/scores'],
  cache = new Map<string, Uint8Array>(),
} = {}) {
  const clock = new ManualClock();
  const asked: string[] = [];
  const answers = new Map<string, Uint8Array | number>();
  const http: Http = ({ url }) => {
    asked.push(url);
    const answer = answers.get(url);
    if (answer === undefined) return Promise.resolve(err({ code: 'unreachable', detail: '' }));
    return Promise.resolve(
      ok(
        typeof answer === 'number'
          ? { status: answer, body: new Uint8Array() }
          : { status: 200, body: answer },
      ),
    );
  };
  const scoresCache: GraphCache = {
    load: () => Promise.resolve(cache.get('scores') ?? null),
    save: (bytes) => Promise.resolve(void cache.set('scores', bytes)),
  };
  const scorer = new Scorer();
  const servers = () => Promise.resolve(ok({ esplora: [], proxies: [], scores }));
  const feed = new ScoresFeed(
    { servers, http, clock, log: () => undefined, scoresCache },
    scorer,
    () => undefined,
  );
  const pass = async (seconds: number): Promise<void> => {
    clock.advance(seconds * 1000);
    for (let i = 0; i < 5; i++) await new Promise((resolve) => setImmediate(resolve));
  };
  return { clock, feed, asked, answers, cache, pass };
}

describe('scores from servers', () => {
  it('are taken from the first that has any, each hour, and outlive a restart', async () => {
    const first = stage();
    first.answers.set('https://a.test/scores', 404);
    first.answers.set('https://b.test/scores', SCORES);
    await first.feed.begin();
    await first.pass(0);
    expect(first.asked).toEqual(['https://a.test/scores', 'https://b.test/scores']);
    const info = { learnt: 0, external: { channels: 1, newestAt: 0x69813a80 }, refreshing: false };
    expect(first.feed.info()).toEqual({ ...info, lastError: null });
    await first.pass(3_601);
    expect(first.asked.length).toBe(4);
    first.feed.stop();

    const second = stage({ cache: first.cache });
    await second.feed.begin();
    expect(second.feed.info()).toMatchObject(info);
    expect(second.asked).toEqual([]);
  });

  it('that make no sense change nothing, and are asked for again', async () => {
    const { feed, answers, asked, cache, pass } = stage({ scores: ['https://a.test/scores'] });
    answers.set('https://a.test/scores', SCORES.slice(0, 20));
    await feed.begin();
    await pass(0);
    expect(feed.info()).toMatchObject({
      external: null,
      lastError: 'https://a.test/scores: scores-malformed',
    });
    expect(cache.size).toBe(0);
    answers.set('https://a.test/scores', SCORES);
    await pass(601);
    expect(asked.length).toBe(2);
    expect(feed.info()).toMatchObject({ external: { channels: 1 }, lastError: null });
    answers.delete('https://a.test/scores');
    await feed.refresh();
    expect(feed.info()).toMatchObject({
      external: { channels: 1 },
      lastError: 'https://a.test/scores: unreachable',
    });
  });

  it('are not asked for where no server is named, nor taken from the cache', async () => {
    const { feed, asked, pass } = stage({ scores: [], cache: new Map([['scores', SCORES]]) });
    await feed.begin();
    await pass(3_600);
    expect(asked).toEqual([]);
    expect(feed.info()).toMatchObject({ external: null, lastError: null });
    expect(await feed.refresh()).toEqual({ ok: false, error: { detail: 'no server of scores is set' } });
  });
});
