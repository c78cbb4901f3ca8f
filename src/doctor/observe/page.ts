import net from 'node:net';
import type { HttpConfig } from '../../config.ts';
import type { HubWords, PageSeen } from '../observations.ts';
import { endOf } from './brokers.ts';
import type { Places } from './places.ts';
import { listenerAt } from './programs.ts';
import { codeOf } from './text-file.ts';

/** Whether the page can be, or is, where the config says. */
export async function seePage(
  http: HttpConfig | null,
  words: HubWords | null,
  isFree: boolean,
  places: Places,
): Promise<PageSeen> {
  if (http === null) return { kind: 'off' };
  const { host, port, tls } = http;
  const failure = isFree ? await listenFailure(host, port) : (words?.pageFailure ?? null);
  if (failure !== null) {
    return { kind: 'failed', listen: `${host}:${port}`, reason: failure, holder: listenerAt(places, port) };
  }
  const endedAt = endOf(tls?.certFile);
  if (tls !== null && endedAt !== null && endedAt <= Date.now()) {
    return { kind: 'expired', file: tls.certFile, endedAt };
  }
  return { kind: isFree || words !== null ? 'well' : 'unknown' };
}

/** Listens for a moment, since no hub does. */
function listenFailure(host: string, port: number): Promise<string | null> {
  return new Promise((resolve) => {
    const server = net.createServer();
    server.once('error', (error) => resolve(codeOf(error)));
    server.listen({ host, port, exclusive: true }, () => server.close(() => resolve(null)));
  });
}
