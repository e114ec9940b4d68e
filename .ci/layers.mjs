// Reads every import and refuses those that break the layering of docs/architecture.md.
import { files, imports, isTest } from './tree.mjs';

// A total order: a folder of engine/ imports only folders that stand before it.
const ORDER =
  'base crypto codec bitcoin storage wire noise onion commitment channel invoice gossip routing peer chain wallet payment lsp node platform'.split(
    ' ',
  );

const DENIED = {
  'codec>crypto': 'codec describes bytes and hashes nothing: take what needs hashing a layer down',
  'wire>crypto': 'wire may not import crypto: messages are data, whoever signs them stands below',
  'wire>storage': 'wire may not import storage: messages are not records',
  'channel>storage': 'channel may not import storage: return a Write',
  'channel>onion': 'channel may not import onion: carry the packet as bytes and let payment look inside',
  'channel>noise': 'channel may not import noise: return a send effect',
  'payment>peer': 'payment may not import peer: return an effect',
  'payment>storage': 'payment may not import storage: return a Write',
  'routing>channel': 'routing may not import channel: it reads a graph view',
};

const MAY_STORE = new Set(['node', 'platform', 'storage']);

function why(path, to) {
  const [fromTop, fromLayer] = path.split('/');
  const [toTop, toLayer] = to.split('/');
  const test = isTest(path);
  if (fromTop === 'engine') {
    if (toTop !== 'engine') {
      const other = ['web', 'workers', 'e2e', 'services', 'bench'].includes(toTop);
      return other && !test ? `engine stands alone: it may not import ${toTop}/` : null;
    }
    if (toLayer === 'testkit') return test ? null : 'testkit is for tests and bench only';
    if (toLayer === fromLayer || test) return null;
    if (toLayer === 'platform') return 'only workers import platform: take a port from engine/base/ports.ts';
    if (toLayer === 'storage' && !MAY_STORE.has(fromLayer))
      return `${fromLayer} may not import storage: return a Write`;
    const denied = DENIED[`${fromLayer}>${toLayer}`];
    if (denied) return denied;
    if (!ORDER.includes(fromLayer))
      return `engine/${fromLayer} is not a layer: see the list in .ci/layers.mjs`;
    if (ORDER.indexOf(toLayer) > ORDER.indexOf(fromLayer))
      return `${fromLayer} stands above ${toLayer} and may not import it: move what is shared up, or pass it in`;
    return isPrivate(to) ? `${to} is private to ${toLayer}/: import a file that stands directly in it` : null;
  }
  if (fromTop === 'web' && !test) {
    if (toTop === 'engine') return null; // types only: checked where the import is read
    if (toTop === 'workers' && to !== 'workers/client.ts') return 'web knows workers/client.ts only';
    if (['e2e', 'services', 'bench'].includes(toTop)) return `the page may not import ${toTop}/`;
    if (path.startsWith('web/parts/') && to.startsWith('web/state/'))
      return 'parts render what they are given: no state';
  }
  if (fromTop === 'workers' && ['web', 'e2e', 'services', 'bench'].includes(toTop))
    return `workers may not import ${toTop}/`;
  return null;
}

// engine/<layer>/<folder>/file.ts is private to its layer.
const isPrivate = (to) => to.split('/').length > 3;

const findings = [];
for (const path of files(/^(engine|web|workers|services|bench|e2e)\/.*\.(ts|svelte)$/)) {
  for (const { to, typeOnly } of imports(path)) {
    const reason = why(path, to);
    if (reason) findings.push(`${path} imports ${to}: ${reason}`);
    else if (path.startsWith('web/') && !isTest(path) && to.startsWith('engine/') && !typeOnly)
      findings.push(
        `${path} imports ${to}: web has no protocol knowledge, it takes types only from engine/node`,
      );
    else if (
      path.startsWith('web/') &&
      !isTest(path) &&
      to.startsWith('engine/') &&
      !/^engine\/(node|base)\//.test(to)
    )
      findings.push(`${path} imports ${to}: web takes types from engine/node and engine/base only`);
  }
  const name = path.split('/').at(-1).split('.')[0];
  if (/^(utils?|helpers?|common|misc|manager|impl|index)$/i.test(name))
    findings.push(`${path}: a name that refuses nothing; name what the file is`);
}
for (const finding of findings) console.error(finding);
console.log(findings.length === 0 ? 'layers: every import goes up' : `layers: ${findings.length} to mend`);
process.exit(findings.length === 0 ? 0 : 1);
