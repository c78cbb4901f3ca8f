import { execFileSync } from 'node:child_process';
import { chmodSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { Scene } from './cloud-rig.ts';

const KEY = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout'];

/** An authority of the test's own. All its files are PEM, and readable for the user that mosquitto drops to. */
export class Authority {
  readonly ca: string;
  /** Its key. */
  readonly caKey: string;
  readonly #scene: Scene;
  readonly #name: string;

  constructor(scene: Scene, name: string) {
    this.#scene = scene;
    this.#name = name;
    this.ca = this.#file('ca');
    this.caKey = this.#file('ca-key');
    const subject = ['-subj', '/CN=one CA', '-days', '2'];
    openssl('req', '-x509', ...KEY, this.caKey, '-out', this.ca, ...subject);
    chmodSync(this.ca, 0o644);
  }

  /** A certificate, by default for 127.0.0.1, and its key. With a negative number of days it has expired. */
  issue(
    name: string,
    { names = 'IP:127.0.0.1', days = 2 } = {},
  ): { readonly cert: string; readonly key: string } {
    const file = (kind: string) => this.#file(`${name}-${kind}`);
    openssl('req', ...KEY, file('key'), '-out', file('request'), '-subj', `/CN=${name}`);
    const extensions = this.#scene.file(`${this.#name}-${name}-extensions`, `subjectAltName=${names}\n`);
    const by = ['-CA', this.ca, '-CAkey', this.caKey, '-CAcreateserial', '-extfile', extensions];
    openssl('x509', '-req', '-in', file('request'), ...by, '-out', file('cert'), '-days', String(days));
    for (const kind of ['cert', 'key']) chmodSync(file(kind), 0o644);
    return { cert: file('cert'), key: file('key') };
  }

  /** What an MQTT client needs to be trusted. */
  clientOptions(name: string): { readonly ca: Buffer; readonly cert: Buffer; readonly key: Buffer } {
    const { cert, key } = this.issue(name);
    return { ca: readFileSync(this.ca), cert: readFileSync(cert), key: readFileSync(key) };
  }

  /** Lines of mosquitto's configuration for a listener with a certificate of this authority. */
  listener(): readonly string[] {
    const { cert, key } = this.issue('broker');
    return [`cafile ${this.ca}`, `certfile ${cert}`, `keyfile ${key}`];
  }

  #file(kind: string): string {
    return path.join(this.#scene.dir, `${this.#name}-${kind}.pem`);
  }
}

function openssl(...args: string[]): void {
  execFileSync('openssl', args, { stdio: 'ignore' });
}
