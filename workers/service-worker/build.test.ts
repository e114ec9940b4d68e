import { expect, it } from 'vitest';
import { answerTo, buildBefore, cacheOf, outdated, type Build } from './build.ts';

const SCOPE = 'https://wallet.example/app/';
const build: Build = {
  id: 'b2',
  files: ['index.html', 'icons/mark.svg', 'assets/index-AbCd-_12.js'].map((path) => ({
    path,
    integrity: '',
  })),
};
const asked = (path: string, mode = 'no-cors', method = 'GET') =>
  answerTo({ url: new URL(path, SCOPE).href, method, mode }, SCOPE, build);

it('answers for the page and the files of its build', () => {
  expect(asked('./', 'navigate')).toEqual({ from: 'this-build', path: 'index.html' });
  expect(asked('./index.html?from=home', 'navigate')).toEqual({ from: 'this-build', path: 'index.html' });
  expect(asked('icons/mark.svg')).toEqual({ from: 'this-build', path: 'icons/mark.svg' });
});

it('answers for what is named by its content, of whichever build', () => {
  expect(asked('assets/index-AbCd-_12.js')).toEqual({ from: 'any-build', path: 'assets/index-AbCd-_12.js' });
  expect(asked('assets/send-ZzZzZzZz.js')).toEqual({ from: 'any-build', path: 'assets/send-ZzZzZzZz.js' });
});

it.each([
  ['what the operator may change', 'config.json', 'cors', 'GET'],
  ['another origin', 'https://esplora.example/blocks/tip', 'cors', 'GET'],
  ['the same path of another origin', 'https://other.example/app/index.html', 'navigate', 'GET'],
  ['what lies beside the page', '/other/index.html', 'navigate', 'GET'],
  ['a page that is not of the build', './docs/', 'navigate', 'GET'],
  ['a file that is not of the build', 'assets/plain.js', 'no-cors', 'GET'],
  ['anything but GET', './index.html', 'navigate', 'POST'],
])('leaves %s to the network', (_what, path, mode, method) => {
  expect(asked(path, mode, method)).toEqual({ from: 'network' });
});

it('goes back where the page is asked for by the link that says so', () => {
  expect(asked('./?build=before', 'navigate')).toEqual({ from: 'undo' });
  expect(asked('./?build=before', 'cors')).toEqual({ from: 'network' });
});

it('keeps its own cache and the newest other one', () => {
  const [b0, b1, b2] = ['b0', 'b1', 'b2'].map(cacheOf) as [string, string, string];
  const left = (...names: readonly string[]): readonly string[] =>
    outdated(
      names.map((name) => ({ name, onTrial: false })),
      'b2',
    );
  expect(left(b0, b1, 'of somebody else', b2)).toEqual([b0]);
  expect(left(b2, b0, b1)).toEqual([b0]);
  expect(left(b2)).toEqual([]);
});

it('keeps, and goes back to, the newest other one that ever started', () => {
  const kept = [
    { name: cacheOf('b0'), onTrial: false },
    { name: cacheOf('b1'), onTrial: true },
    { name: 'of somebody else', onTrial: false },
    { name: cacheOf('b2'), onTrial: true },
  ];
  expect(buildBefore(kept, 'b2')).toBe(cacheOf('b0'));
  expect(outdated(kept, 'b2')).toEqual([cacheOf('b1')]);
  expect(buildBefore(kept.slice(1), 'b2')).toBe(cacheOf('b1'));
  expect(buildBefore(kept.slice(2), 'b2')).toBe(null);
});
