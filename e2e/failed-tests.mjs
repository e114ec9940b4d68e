import { stripVTControlCharacters } from 'node:util';

/** Lines of each: what was expected, what came, and where. */
const LINES = 10;
const TESTS = 10;

/** What a report of Vitest or Playwright says of tests that failed, short enough to end a run with. */
export function failedTests(report) {
  const failed = report.suites === undefined ? ofVitest(report) : report.suites.flatMap(ofPlaywright);
  return failed.slice(0, TESTS).map(({ name, message }) => `${name}\n${shortened(message)}`);
}

const ofVitest = ({ testResults = [] }) =>
  testResults.flatMap(({ name: path, message = '', assertionResults = [] }) => {
    const tests = assertionResults.filter(({ status }) => status === 'failed');
    if (tests.length === 0) return message === '' ? [] : [{ name: path, message }];
    return tests.map(({ fullName, failureMessages = [] }) => ({
      name: `${path}: ${fullName}`,
      message: failureMessages.join('\n'),
    }));
  });

const ofPlaywright = ({ suites = [], specs = [] }) => [
  ...suites.flatMap(ofPlaywright),
  ...specs
    .filter(({ ok }) => !ok)
    .map(({ file, line, title, tests }) => ({
      name: `${file}:${line}: ${title}`,
      message: tests
        .flatMap(({ results }) => results)
        .flatMap(({ errors = [] }) => errors)
        .map(({ message }) => message)
        .join('\n'),
    })),
];

function shortened(message) {
  const lines = stripVTControlCharacters(message ?? '')
    .split('\n')
    .filter((line) => line.trim() !== '' && !line.includes('node_modules'));
  const shown = lines.slice(0, LINES).map((line) => `    ${line.slice(0, 240)}`);
  return [...shown, ...(lines.length > LINES ? ['    …'] : [])].join('\n');
}
