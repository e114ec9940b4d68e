/** Whether the module is there in both forms, and is the one that this file builds. */
export declare function isBuilt(): boolean;
/** Makes the module where it is missing or another; some ten seconds. */
export declare function build(say: (sentence: string) => void): Promise<void>;
