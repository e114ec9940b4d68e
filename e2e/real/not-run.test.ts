import { expect, it } from 'vitest';
import { notRun } from '../not-run.mjs';

const interop = (...peers: readonly string[]) => ({
  testResults: [
    {
      assertionResults: peers.map((peer) => ({
        ancestorTitles: ['process', peer],
        title: 'channel-bought-ways',
      })),
    },
  ],
});
const journeys = (...files: readonly string[]) => ({ suites: files.map((file) => ({ file })) });

it('nothing is said of a run that had ldk-node sell channels', () => {
  const reports = {
    interop: interop('ldk-wasm', 'ldk-node'),
    journeys: journeys('lsp.test.ts', 'lsp-ldk-node.test.ts'),
  };
  expect(notRun(reports, null)).toBeNull();
});

it('a run that lacked ldk-node ends with what it did not run, and why', () => {
  const reports = { interop: interop('ldk-wasm'), journeys: journeys('lsp.test.ts') };
  expect(notRun(reports, 'there is no cargo on PATH')).toBe(
    'NOT RUN: ldk-node as the LSP (scenarios channel-bought… of interop, journey lsp-ldk-node.test.ts): there is no cargo on PATH',
  );
  expect(notRun({ ...reports, journeys: journeys('lsp-ldk-node.test.ts') }, null)).toBe(
    'NOT RUN: ldk-node as the LSP (scenarios channel-bought… of interop): it is not built; npm run interop -- --build ldk-node',
  );
});

it('what left no report was not run', () => {
  expect(notRun({ interop: {}, journeys: {} }, null)).toContain('channel-bought… of interop, journey');
});
