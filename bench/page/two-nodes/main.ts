import type { Answer, Question } from './question.ts';

declare global {
  interface Window {
    payInWorker: (question: Question) => Promise<Answer>;
  }
}

/** The nodes live in a worker, as in the app. */
window.payInWorker = (question) =>
  new Promise((resolve, reject) => {
    const worker = new Worker(new URL('worker.ts', import.meta.url), { type: 'module' });
    worker.addEventListener('message', ({ data }: MessageEvent<Answer>) => resolve(data));
    worker.addEventListener('error', ({ message }) => reject(new Error(message)));
    worker.postMessage(question);
  });
