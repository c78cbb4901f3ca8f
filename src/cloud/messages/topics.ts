import { z } from 'zod';

export const deviceIdSchema = z.guid().meta({
  id: 'DeviceId',
  description:
    'A lock: a UUID that survives a restart, a restore and a new hub. The hub sends lower case and takes either.',
});

/** An id as it may come from outside: any UUID text, whatever its version. Inside and on the wire it is lower case. */
export const idSchema = deviceIdSchema.transform((text) => text.toLowerCase());

/** What a topic below `down/` is about. */
export type DownTopic =
  | { readonly kind: 'desired'; readonly deviceId: string }
  | { readonly kind: 'ack' }
  | { readonly kind: 'sync' }
  | { readonly kind: 'command' }
  | { readonly kind: 'certificate' }
  | { readonly kind: 'wrong_device_id' }
  | { readonly kind: 'unsupported' };

/** The topics of one hub: at most six levels, one filter to subscribe to, all else below `up/`. */
export interface Topics {
  readonly down: string;
  readonly status: string;
  readonly hello: string;
  readonly event: string;
  readonly result: string;
  readonly health: string;
  readonly certificateRequest: string;
  reported(deviceId: string): string;
}

export function topicsOf(hubId: string): Topics {
  const root = rootOf(hubId);
  return {
    down: `${root}/down/#`,
    status: `${root}/up/status`,
    hello: `${root}/up/hello`,
    event: `${root}/up/event`,
    result: `${root}/up/result`,
    health: `${root}/up/health`,
    certificateRequest: `${root}/up/certificate_request`,
    reported: (deviceId) => `${root}/up/reported/${deviceId}`,
  };
}

/** Reads a topic that the broker delivered; anything that this version does not serve is `unsupported`. */
export function readDownTopic(hubId: string, topic: string): DownTopic {
  const prefix = `${rootOf(hubId)}/down/`;
  if (!topic.startsWith(prefix)) return { kind: 'unsupported' };
  const [name, id, ...rest] = topic.slice(prefix.length).split('/');
  if (name === 'ack' && id === undefined) return { kind: 'ack' };
  if (name === 'sync' && id === undefined) return { kind: 'sync' };
  if (name === 'command' && id === undefined) return { kind: 'command' };
  if (name === 'certificate' && id === undefined) return { kind: 'certificate' };
  if (name !== 'desired' || rest.length > 0) return { kind: 'unsupported' };
  const deviceId = idSchema.safeParse(id);
  return deviceId.success ? { kind: 'desired', deviceId: deviceId.data } : { kind: 'wrong_device_id' };
}

function rootOf(hubId: string): string {
  return `lockhub/v1/${hubId}`;
}
