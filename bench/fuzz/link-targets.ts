import { encodeUtf8 } from '../../engine/base/utf8.ts';
import { parseDestination } from '../../engine/node/commands/parse.ts';
import { parsePath } from '../../services/proxy/destination.ts';
import { givenIn, withoutGiven } from '../../web/state/given.ts';
import { readNodeUri } from '../../web/state/node-uri.ts';
import { readPlace, screenKey } from '../../web/state/routes.ts';
import { wordsIn } from '../../web/state/words.ts';
import { newsOf } from '../../workers/service-worker/news.ts';
import { Disagreement, type Target } from './target.ts';
import { textOf } from './text.ts';

const NODE = '03e7156ae33b0a208d0744199163177e909e80176e55d97a2f221ede0f934dd9ad@127.0.0.1:9735';
const ADDRESS = 'bcrt1qw508d6qejxtdg4y5r3zarvary0c5xw7kygt080';

/** What other programs hand over, what stands in the address bar, what is typed. */
export const linkTargets: readonly Target[] = [
  {
    name: 'deep-link',
    corpus: [
      `?open=web%2Blightning:${ADDRESS}`,
      `?open=bitcoin:${ADDRESS}%3Famount%3D0.1`,
      `?title=a&text=${ADDRESS}&url=`,
      `?url=lightning:${NODE}#/send`,
      `#/activity/${'ab'.repeat(32)}?sheet=receive`,
      '#/channels/a%2Fb/close',
    ].map(encodeUtf8),
    grown: [
      (times) => encodeUtf8(`?open=${'%20'.repeat(times)}a`),
      (times) => encodeUtf8(`?${'open=a&'.repeat(times)}`),
      (times) => encodeUtf8(`?text=${'lightning:'.repeat(times)}`),
      (times) => encodeUtf8(`#${'/'.repeat(times)}a`),
      (times) => encodeUtf8(`#/channels/${'/'.repeat(times)}close`),
      (times) => encodeUtf8(`#/activity/${'%41'.repeat(times)}`),
    ],
    read: (input) => {
      // A browser tells the address as it reads it.
      const { href, hash } = new URL(`https://wallet.example/${textOf(input)}`);
      const given = givenIn(href);
      if (givenIn(withoutGiven(href)) !== null) throw new Disagreement('a reload is given it again');
      const { route, sheet } = readPlace(hash);
      return [screenKey(route), sheet, given === null ? null : parseDestination(given, 'regtest')];
    },
  },
  {
    name: 'typed-node',
    weight: 2,
    corpus: [NODE, NODE.replace('127.0.0.1', '[::1]'), NODE.slice(0, 66)].map(encodeUtf8),
    read: (input) => readNodeUri(textOf(input)),
  },
  {
    name: 'typed-words',
    weight: 2,
    corpus: ['1. abandon 2) ability, able', 'étude\nÀ ﬁn'].map(encodeUtf8),
    grown: [
      (times) => encodeUtf8('\u0344'.repeat(times)),
      (times) => encodeUtf8('1'.repeat(times)),
      (times) => encodeUtf8(', '.repeat(times)),
    ],
    read: (input) => wordsIn(textOf(input)),
  },
  {
    name: 'push',
    weight: 1,
    corpus: ['{"method":"lsps5.payment_incoming"}', 'null', '{"method":"constructor"}'].map(encodeUtf8),
    read: (input) => newsOf(textOf(input)),
  },
  {
    name: 'proxy-path',
    weight: 2,
    corpus: ['/v1/127.0.0.1/9735', '/v1/%5B::1%5D/9735', '/v1/peer.example/9735'].map(encodeUtf8),
    grown: [
      (times) => encodeUtf8(`/v1/${'a.'.repeat(times)}/1`),
      (times) => encodeUtf8(`/v1/${'a-'.repeat(times)}/1`),
      (times) => encodeUtf8(`/v1/${'['.repeat(times)}]/1`),
    ],
    read: (input) => parsePath(textOf(input)),
  },
];
