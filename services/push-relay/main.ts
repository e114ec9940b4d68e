// `npm run push-relay`: the push relay by itself, set up by environment variables (README.md).
import { startPushRelay } from './relay.ts';
import { settingsFrom } from './settings.ts';

const settings = settingsFrom(process.env);
const relay = await startPushRelay(settings);
console.log(`The push relay listens at ${relay.url}, for ${relay.hooks()} wallets`);
if (settings.publicUrl === '')
  console.log('PUSH_RELAY_URL is not set: LSPs elsewhere cannot reach it, and most take https only.');

let isStopping = false;
for (const signal of ['SIGINT', 'SIGTERM'] as const) {
  process.on(signal, () => {
    // The second time means: at once.
    if (isStopping) process.exit(1);
    isStopping = true;
    void relay.stop().then(() => process.exit(0));
  });
}
