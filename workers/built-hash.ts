/**
 * What the build says that the script at `url` hashes to, of the import map in the page, which the page's policy holds
 * to the build. Null where there is none: in development, and for whoever embeds the engine.
 */
export function builtHash(url: string): string | null {
  const map = document.querySelector('script[type="importmap"]')?.textContent;
  if (map == null) return null;
  const { integrity } = JSON.parse(map) as { readonly integrity: Readonly<Record<string, string>> };
  const { href } = new URL(url, document.baseURI);
  const found = Object.entries(integrity).find(([path]) => new URL(path, document.baseURI).href === href);
  return found?.[1] ?? null;
}
