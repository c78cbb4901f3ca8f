import { randomInt, randomUUID } from 'node:crypto';
import { chmodSync, copyFileSync } from 'node:fs';
import path from 'node:path';
import { pino } from 'pino';
import {
  startClaimedCloud,
  type ClaimedCloud,
  type ClaimedCloudOptions,
} from '../../src/claim/claimed-cloud.ts';
import { SystemClock } from '../../src/clock.ts';
import { Broker as CloudLink } from '../../src/reference-cloud/broker.ts';
import { CLAIM_FILTER } from '../../src/reference-cloud/claims.ts';
import { ReferenceCloud } from '../../src/reference-cloud/cloud.ts';
import { openDatabase } from '../../src/reference-cloud/database.ts';
import { openIssuer, type Issuer } from '../../src/reference-cloud/issuer.ts';
import type { Told } from '../../src/reference-cloud/told.ts';
import { ANYTHING } from '../../src/reference-cloud/violation.ts';
import type { Store } from '../../src/store/store.ts';
import { Authority } from './certificates.ts';
import { NO_MACHINE, openHubStore, POLICY, startMosquitto, until, type Scene } from './cloud-rig.ts';

const ACL = path.join(import.meta.dirname, '../../src/cloud/contract/mosquitto.acl');
const FAST_MS = 100;
const LOOK_MS = 20;

/** The access list of the contract, where mosquitto's own user can read it. */
export function strictLines(scene: Scene, authority: Authority): readonly string[] {
  const acl = path.join(scene.dir, 'acl');
  copyFileSync(ACL, acl);
  chmodSync(acl, 0o644);
  const identity = ['require_certificate true', 'use_identity_as_username true'];
  return [...authority.listener(), ...identity, `acl_file ${acl}`];
}

/** A broker that believes one authority, and what its access list lets everybody do. */
export async function claimScene(scene: Scene) {
  const authority = new Authority(scene, 'ours');
  const broker = await startMosquitto(scene, strictLines(scene, authority));
  const { cert, key } = authority.issue('lockhub.claim');
  return {
    authority,
    broker,
    url: broker.url.replace('mqtt:', 'mqtts:'),
    claim: { certFile: cert, keyFile: key },
    issuer: await openIssuer(authority.ca, authority.caKey),
  };
}

export type ClaimScene = Awaited<ReturnType<typeof claimScene>>;

/** A reference cloud that claims hubs, over TLS with a certificate of its own. */
export class ClaimingCloud {
  readonly cloud: ReferenceCloud;
  readonly told: Told[] = [];
  /** Added to the time. */
  laterMs = 0;
  readonly #link: CloudLink;
  readonly #database = openDatabase(':memory:');

  private constructor({ authority, url }: ClaimScene, issuer: Issuer) {
    const { cert, key } = authority.issue('lockhub.cloud');
    this.cloud = new ReferenceCloud({
      database: this.#database,
      hubId: null,
      publish: (topic, payload) => this.#link.publish(topic, payload),
      tell: (told) => this.told.push(told),
      now: () => Date.now() + this.laterMs,
      seal: false,
      allows: ANYTHING,
      issuer,
    });
    this.#link = new CloudLink({
      url,
      login: { caFile: authority.ca, certFile: cert, keyFile: key },
      clientId: 'cloud',
      filters: ['lockhub/v1/+/up/#', CLAIM_FILTER],
      receive: (message) => this.cloud.receive(message),
      connected: () => this.cloud.connected(),
      down: () => undefined,
    });
  }

  static async at(scene: Scene, place: ClaimScene, issuer: Issuer = place.issuer): Promise<ClaimingCloud> {
    const cloud = new ClaimingCloud(place, issuer);
    scene.atEnd(async () => {
      await cloud.#link.stop();
      cloud.#database.close();
    });
    await until('the cloud is connected', () => cloud.#link.isConnected());
    return cloud;
  }

  get claims() {
    const { claims } = this.cloud;
    if (claims === null) throw new Error('It has an issuer.');
    return claims;
  }

  /** How the hub says hello, once it does. */
  hello(hubId: string) {
    return until('the hub says hello', () =>
      this.cloud.hubs().find((hub) => hub.hubId === hubId && hub.sink.ledger.presence()?.state === 'online'),
    );
  }
}

export interface ClaimHub {
  readonly store: Store;
  readonly cloud: ClaimedCloud;
  readonly log: Record<string, unknown>[];
  stop(): Promise<void>;
}

/** A hub without radios that is to be claimed; it asks again far more often than a real one. */
export function startClaimHub(
  scene: Scene,
  { authority, url, claim }: ClaimScene,
  options: Partial<ClaimedCloudOptions> = {},
): ClaimHub {
  const store = options.store ?? openHubStore(scene.dir);
  const log: Record<string, unknown>[] = [];
  const cloud = startClaimedCloud({
    url,
    claim,
    caFile: authority.ca,
    hubId: 'hub-1',
    bootId: randomUUID(),
    version: '0.0.0-test',
    clock: new SystemClock(),
    policy: POLICY,
    plainCodes: true,
    wake: () => undefined,
    ...NO_MACHINE,
    log: pino({ level: 'trace' }, { write: (line: string) => void log.push(JSON.parse(line)) }),
    random: () => 0,
    draw: (below) => randomInt(below),
    askEveryMs: FAST_MS,
    claimLookMs: FAST_MS,
    loginLookMs: LOOK_MS,
    ...options,
    store,
  });
  let isStopped = false;
  const stop = async (): Promise<void> => {
    if (isStopped) return;
    isStopped = true;
    await cloud.stop();
    store.close();
  };
  scene.atEnd(stop);
  return { store, cloud, log, stop };
}

/** The code that people are shown, once the broker has a request with it. */
export async function codeOf({ cloud }: Pick<ClaimHub, 'cloud'>): Promise<string> {
  return until('the hub waits to be claimed', () => {
    const view = cloud.claim();
    return view?.state === 'unclaimed' && view.isAsked ? view.code : undefined;
  });
}
