import { expect, it } from 'vitest';
import { err } from '../../base/result.ts';
import type { Desks } from '../desks.ts';
import { graphCommands } from './graph.ts';

it('what could not be fetched is said of the map and of scores by codes of their own', async () => {
  const failed = () => Promise.resolve(err({ detail: 'https://a.test: status 503' }));
  const commands = graphCommands({
    core: { running: {} },
    graph: { renew: failed, scores: { refresh: failed } },
  } as unknown as Desks);
  const detail = 'https://a.test: status 503';
  expect(await commands.refresh()).toEqual(err({ code: 'snapshot-unavailable', detail }));
  expect(await commands.refreshScores()).toEqual(err({ code: 'scores-unavailable', detail }));
});
