import { keep, recall } from './kept.ts';

/** Whom the person chose the last time, of several LSPs. Empty: nobody yet. */
export const chosenLsp = (): string => recall('device', 'lsp-choice', { nodeId: '' }).nodeId;
export const chooseLsp = (nodeId: string): void => keep('device', 'lsp-choice', { nodeId });
