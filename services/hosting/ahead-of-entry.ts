import type { HtmlTagDescriptor, Plugin, Rolldown } from 'vite';

/**
 * What the page's entry imports as soon as it runs is named in index.html, so that it is fetched beside the entry and
 * not after it. (vite names what an entry imports statically, and nothing more.)
 */
export function aheadOfEntry(): Plugin {
  return {
    name: 'ahead-of-entry',
    transformIndexHtml: {
      order: 'post',
      handler: (_html, { bundle, chunk }) =>
        bundle === undefined || chunk === undefined ? [] : linksTo(bundle, chunk),
    },
  };
}

type Chunk = Rolldown.OutputChunk;

function linksTo(bundle: Rolldown.OutputBundle, entry: Chunk): HtmlTagDescriptor[] {
  const reached = (names: readonly string[], chunks = new Set<Chunk>([entry])): Set<Chunk> => {
    for (const name of names) {
      const found = bundle[name];
      if (found?.type !== 'chunk' || chunks.has(found)) continue;
      chunks.add(found);
      reached(found.imports, chunks);
    }
    return chunks;
  };
  const named = reached(entry.imports);
  const chunks = [...reached(entry.dynamicImports)].filter((chunk) => !named.has(chunk));
  const styles = new Set(chunks.flatMap((chunk) => [...(chunk.viteMetadata?.importedCss ?? [])]));
  const link = (rel: string, path: string): HtmlTagDescriptor => ({
    tag: 'link',
    attrs: { rel, crossorigin: true, href: `./${path}` },
    injectTo: 'head',
  });
  return [
    ...chunks.map(({ fileName }) => link('modulepreload', fileName)),
    ...[...styles].map((fileName) => link('stylesheet', fileName)),
  ];
}
