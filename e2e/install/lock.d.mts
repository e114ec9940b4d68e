/** Takes the lock, a folder, or says that a living process has it. Returns what gives it back. */
export declare function tryLock(folder: string): (() => void) | null;
/** Runs `work` while holding the lock, after waiting for whoever holds it. */
export declare function withLock<T>(folder: string, work: () => Promise<T>, patienceMs?: number): Promise<T>;
