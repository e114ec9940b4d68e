/** One build of the page: every file it is made of, by its hash. */
export type Build = {
  /** Differs whenever any file does. */
  readonly id: string;
  /** Paths relative to the service worker. */
  readonly files: readonly { readonly path: string; readonly integrity: string }[];
};

/** What vite-plugin-pwa writes into the built service worker (services/hosting/whole-build.ts). */
export type Precached = {
  readonly url: string;
  readonly revision: string | null;
  readonly integrity?: string;
};

/** @throws Error where the list is not whole: this service worker is then not installed, and the one before stays. */
export function buildOf(list: readonly Precached[]): Build {
  const id = list.find(({ url }) => url === 'index.html')?.revision;
  if (!id) throw new Error('the build does not say which it is');
  const files = list.map(({ url, integrity }) => {
    if (!integrity) throw new Error(`${url} has no hash`);
    return { path: url, integrity };
  });
  return { id, files };
}

const PREFIX = 'leyden-build-';

export const cacheOf = (id: string): string => PREFIX + id;

/** Beside the files of a build, until a page of it has said that it started. */
export const ON_TRIAL = 'on-trial';
/** Beside them once the person went back to the build before, until the next one begins. */
export const UNDONE = 'undone';

/** A cache, and whether the build in it never started so far as is known. */
export type Kept = { readonly name: string; readonly onTrial: boolean };

/**
 * The cache of the build to go back to: the newest other one that started; where none did, the newest.
 * @param kept all caches, oldest first
 */
export function buildBefore(kept: readonly Kept[], id: string): string | null {
  const others = kept.filter(({ name }) => name.startsWith(PREFIX) && name !== cacheOf(id));
  return (others.findLast(({ onTrial }) => !onTrial) ?? others.at(-1))?.name ?? null;
}

/** The caches that a newly active build removes: all but its own and the one before, whose page may still be open. */
export function outdated(kept: readonly Kept[], id: string): readonly string[] {
  const stays = new Set([cacheOf(id), buildBefore(kept, id)]);
  return kept.map(({ name }) => name).filter((name) => name.startsWith(PREFIX) && !stays.has(name));
}

/** Files whose name is their content: whoever asks for one means exactly these bytes, of whichever build. */
const NAMED_BY_CONTENT = /^assets\/.+-[\w-]{8}\.\w+$/;

export type Answer =
  /** The page itself, of the active build. */
  | { readonly from: 'this-build'; readonly path: string }
  /** A file named by its content: of the active build, or of the one whose page still asks. */
  | { readonly from: 'any-build'; readonly path: string }
  /** Asked for the build before. */
  | { readonly from: 'undo' }
  | { readonly from: 'network' };

/** The link to the build before, which a page that does not start still shows: no script is needed for it. */
const BEFORE = '?build=before';

/** Where the answer to a request comes from. */
export function answerTo(
  request: { readonly url: string; readonly method: string; readonly mode: string },
  scope: string,
  build: Build,
): Answer {
  const url = new URL(request.url);
  const base = new URL(scope);
  if (request.method !== 'GET' || url.origin !== base.origin || !url.pathname.startsWith(base.pathname))
    return { from: 'network' };
  const path = url.pathname.slice(base.pathname.length);
  if (request.mode === 'navigate' && (path === '' || path === 'index.html'))
    return url.search === BEFORE ? { from: 'undo' } : { from: 'this-build', path: 'index.html' };
  if (NAMED_BY_CONTENT.test(path)) return { from: 'any-build', path };
  return build.files.some((file) => file.path === path) ? { from: 'this-build', path } : { from: 'network' };
}
