import { connectWallet } from '../workers/client.ts';

// The engine's worker starts at once: it reads the disk while the page arrives and draws its first frame.
const service = connectWallet();
const parsed = new Promise<unknown>((resolve) => {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', resolve);
  else resolve(null);
});
Promise.all([import('./page.ts'), parsed]).then(
  ([{ showPage }]) => showPage(service),
  () => sayMissing(),
);

/** Without its styles and its words, which did not arrive either. */
function sayMissing(): void {
  document.getElementById('again')?.addEventListener('click', () => location.reload());
  document.getElementById('missing')?.removeAttribute('hidden');
}
