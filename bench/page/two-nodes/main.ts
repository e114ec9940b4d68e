import { trustedUrl } from '../../../workers/trusted-url.ts';
import type { Answer, Question } from './question.ts';
import workerUrl from './worker.ts?worker&url';

declare global {
  interface Window {
    payInWorker: (question: Question) => Promise<Answer>;
  }
}

/** The nodes live in a worker, as in the app. */
window.payInWorker = (question) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(trustedUrl(workerUrl), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(question);
  });
