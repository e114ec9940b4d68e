/** Why packages of Debian's cannot be had here, as a sentence; null when they can. */
export declare function debianMissing(): string | null;
/** A package of Debian sid with all that it needs, in a folder, with a starter for each of the programs. */
export declare function unpackFromDebian(wanted: {
  packageName: string;
  programs: readonly string[];
  folder: string;
}): Promise<void>;
