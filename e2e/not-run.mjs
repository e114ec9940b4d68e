// What a run may lack though nothing in it failed, by the reports of what was run.

/** ldk-node sells a channel: to a node of ours, and to the page. */
const SCENARIO = /^channel-bought/;
const JOURNEY = /(^|\/)lsp-ldk-node\.test\.ts$/;

const ofInterop = ({ testResults = [] }) =>
  testResults
    .flatMap(({ assertionResults = [] }) => assertionResults)
    .some(({ ancestorTitles = [], title }) => ancestorTitles.includes('ldk-node') && SCENARIO.test(title));

const ofJourneys = ({ suites = [] }) => suites.some(({ file }) => JOURNEY.test(file));

/** `why`: for what reason ldk-node is not there, where that is known. @returns a line to end a run with, or null */
export function notRun({ interop, journeys }, why) {
  const lacking = [
    ...(ofInterop(interop) ? [] : ['scenarios channel-bought… of interop']),
    ...(ofJourneys(journeys) ? [] : ['journey lsp-ldk-node.test.ts']),
  ];
  if (lacking.length === 0) return null;
  return `NOT RUN: ldk-node as the LSP (${lacking.join(', ')}): ${why ?? 'it is not built; npm run interop -- --build ldk-node'}`;
}
