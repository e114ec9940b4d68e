type Say = (sentence: string) => void;

/** The repository's own folder. */
export declare const ROOT: string;
/** Where we keep what is not part of the repository. */
export declare const CACHE: string;
/** npm's packages, exactly as package-lock.json names them, and the curve that is built of them. */
export declare function ensureNpm(say?: Say): Promise<void>;
/** A bitcoind that can be started: `LEYDEN_BITCOIND`, PATH, our folder, or downloaded into it. */
export declare function ensureBitcoind(say?: Say): Promise<string>;
/** A Chromium that can be started: `LEYDEN_CHROMIUM`, PATH, or installed with apt-get. */
export declare function ensureChromium(say?: Say): Promise<string>;
/** Some browser to open the app in; only a sentence when there is none and none can be installed. */
export declare function ensureBrowser(say?: Say): Promise<void>;
