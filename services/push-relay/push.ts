import webPush from 'web-push';
import type { Hook } from './hook.ts';
import type { Waking } from './notification.ts';

/** Our name towards push services (VAPID, RFC 8292), base64url. */
export type VapidKeys = { readonly publicKey: string; readonly privateKey: string };

/** What the service worker reads: `workers/service-worker/news.ts`. */
export type Push = {
  readonly method: Waking;
  readonly lsp: string;
  /** `lsps5.expiry_soon`: the block height at which the channel must be closed. */
  readonly timeout: number | null;
};

/** How long a push service keeps it for a browser that is away, in seconds: the money waits no longer either. */
const KEPT_SECONDS: Readonly<Record<Waking, number>> = {
  'lsps5.payment_incoming': 3600,
  'lsps5.expiry_soon': 4 * 3600,
  'lsps5.liquidity_management_request': 24 * 3600,
  'lsps5.onion_message_incoming': 3600,
};
const URGENT: ReadonlySet<Waking> = new Set(['lsps5.payment_incoming', 'lsps5.expiry_soon']);

/** `gone`: the browser wants no more of it, ever. */
export type Sent = 'sent' | 'gone' | 'failed';

/**
 * Tells a browser, through its push service, which can read nothing of it. bLIP 55 §Webhook Call: "it MUST construct a suitable
 * message to display to the user, and send that message, together with any required authentication and authorization". The
 * words are the service worker's.
 */
export async function sendPush(
  hook: Hook,
  push: Push,
  {
    keys,
    contact,
    timeoutMs,
  }: { readonly keys: VapidKeys; readonly contact: string; readonly timeoutMs: number },
): Promise<Sent> {
  try {
    const request = webPush.generateRequestDetails(
      { endpoint: hook.endpoint, keys: { p256dh: hook.p256dh, auth: hook.auth } },
      JSON.stringify(push),
      {
        vapidDetails: { subject: contact, ...keys },
        TTL: KEPT_SECONDS[push.method],
        urgency: URGENT.has(push.method) ? 'high' : 'normal',
        // One that waits is replaced by the next of its kind.
        topic: push.method.replace('lsps5.', '').slice(0, 32),
        contentEncoding: webPush.supportedContentEncodings.AES_128_GCM,
      },
    );
    const answer = await fetch(request.endpoint, {
      method: request.method,
      headers: request.headers as Record<string, string>,
      body: new Uint8Array(request.body),
      // A push service has no reason to send us elsewhere.
      redirect: 'error',
      signal: AbortSignal.timeout(timeoutMs),
    });
    await answer.body?.cancel();
    if (answer.status === 404 || answer.status === 410) return 'gone';
    return answer.ok ? 'sent' : 'failed';
  } catch {
    return 'failed';
  }
}
