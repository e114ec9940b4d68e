/**
 * Which build this worker is of: the bundler names its script by a hash of all that is in it. Pages that differ, and whose
 * workers do not, understand each other.
 */
export const ownBuild = (script: string = self.location.href): string =>
  new URL(script).pathname.split('/').at(-1) ?? '';
