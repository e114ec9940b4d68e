// `npm run proxy`: the proxy by itself, set up by environment variables (README.md).
import { startProxy } from './proxy.ts';
import { settingsFrom } from './settings.ts';

const proxy = await startProxy(settingsFrom(process.env));
console.log(`The proxy listens at ${proxy.url}`);

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time means: at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    console.log(`Stopping: ${proxy.connections()} connections are told.`);
    void proxy.stop().then(() => process.exit(0));
  });
}
