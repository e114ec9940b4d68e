/** What another program may hand over: an address of its own link, or what was shared. */
const OPENED = 'open';
const SHARED = ['text', 'url', 'title'] as const;
const KNOWN: ReadonlySet<string> = new Set([OPENED, ...SHARED]);

/**
 * What stands in the query of an address that this page was opened with (services/hosting/app-manifest.ts:
 * `protocol_handlers` and `share_target`); null when nothing does.
 */
export function givenIn(address: string): string | null {
  const { searchParams } = new URL(address);
  const opened = searchParams.get(OPENED);
  if (opened !== null) return plain(opened) || null;
  for (const name of SHARED) {
    const shared = plain(searchParams.get(name) ?? '');
    if (shared !== '') return shared;
  }
  return null;
}

/** Most browsers let pages have `web+lightning:` but not `lightning:`. */
const plain = (text: string): string => text.trim().replace(/^web\+(?=lightning:)/i, '');

/** The address without what was given: a reload is not given it again, and nobody reads it there. */
export function withoutGiven(address: string): string {
  const url = new URL(address);
  // Browsers take out one at a time, and move all behind it up each time.
  const others = [...url.searchParams].filter(([name]) => !KNOWN.has(name));
  url.search = new URLSearchParams(others).toString();
  return url.href;
}
