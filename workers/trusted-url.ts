type Policy = { readonly createScriptURL: (url: string) => unknown };
type Factory = { readonly createPolicy: (name: string, rules: Policy) => Policy };

let policy: Policy | null = null;
const known = new Set<string>();

function makePolicy(): Policy {
  const factory = (globalThis as { readonly trustedTypes?: Factory }).trustedTypes;
  const rules: Policy = {
    createScriptURL: (url) => {
      if (!known.has(url)) throw new TypeError(`not a script of this page: ${url}`);
      return url;
    },
  };
  return factory === undefined ? rules : factory.createPolicy('leyden', rules);
}

/**
 * A script of this page's own that starts by its URL, as the page's Trusted Types policy lets it through. Only to be
 * called with URLs that the build wrote.
 */
export function trustedUrl(url: string): string {
  known.add(url);
  policy ??= makePolicy();
  // The browser knows the object; the types of the DOM know only text.
  return policy.createScriptURL(url) as string;
}
