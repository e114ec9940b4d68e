// npm start: installs what is missing, starts the regtest playground with the app, prints one URL, and stops all of it
// on Ctrl-C. Plain Node.js, because it runs before `npm install`. `npm start -- --fresh` forgets the last playground.
import { ensureBitcoind, ensureBrowser, ensureNpm } from './install.mjs';

const say = (/** @type {string} */ sentence) => process.stdout.write(`${sentence}\n`);

/** @type {{ stop: () => Promise<void> } | null} */
let playground = null;
let isStopping = false;
/** @param {string} why @param {number} code */
async function stop(why, code) {
  // The second Ctrl-C means: at once. Programs that we started end with us.
  if (isStopping) process.exit(1);
  isStopping = true;
  say(why);
  try {
    await playground?.stop();
  } catch (error) {
    say(String(error));
    process.exit(1);
  }
  process.exit(code);
}
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => void stop('Stopping.', 0));
// npm, or the shell between it and us, may be killed without a word to us.
const parent = process.ppid;
setInterval(() => {
  if (process.ppid !== parent) void stop('Our starter is gone. Stopping.', 0);
}, 500).unref();

try {
  await ensureNpm(say);
  await ensureBitcoind(say);
  await ensureBrowser(say);
  const { register } = await import('tsx/esm/api');
  register();
  const { startPlayground } = await import('./world/playground.ts');
  const started = await startPlayground(say, process.argv.includes('--fresh'));
  playground = started;
  const { listenToTerminal } = await import('./world/terminal.ts');
  say(`\nLeyden runs at ${started.url}\n`);
  listenToTerminal(started.world, say);
} catch (error) {
  say(error instanceof Error ? error.message : String(error));
  process.exit(1);
}
