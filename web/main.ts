import { connectWallet } from '../workers/client.ts';
import { InstallOffers } from './state/install-offer.ts';

// The engine's worker starts at once: it reads the disk while the page arrives and draws its first frame.
let engineIsMissing: () => void = () => undefined;
const missing = new Promise<void>((resolve) => {
  engineIsMissing = resolve;
});
const service = connectWallet(engineIsMissing);
const installOffers = new InstallOffers();
const parsed = new Promise<unknown>((resolve) => {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', resolve);
  else resolve(null);
});
Promise.all([import('./page.ts'), parsed]).then(
  ([{ showPage }]) => {
    try {
      showPage({ service, missing, installOffers });
    } catch (error) {
      sayMissing();
      throw error;
    }
  },
  () => sayMissing(),
);

/** Without its words, and perhaps without its styles, which did not arrive either. */
function sayMissing(): void {
  document.getElementById('missing')?.classList.add('now');
}
