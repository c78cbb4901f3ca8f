import path from 'node:path';

/** Where things are below the folder of all versions, which belongs to root (`/opt/lockhub`). */
export function placesOf(root: string) {
  return {
    versions: path.join(root, 'versions'),
    /** Link to the version that is started. */
    current: path.join(root, 'current'),
    /** Link to the newest version that has proved itself: it judges the others. */
    proven: path.join(root, 'proven'),
    /** A version is unpacked, and no more. */
    ready: path.join(root, 'ready.json'),
    /** A version is on trial as long as this file is there. */
    trial: path.join(root, 'trial.json'),
    /** How the last update ended. */
    last: path.join(root, 'last-update.json'),
    /** The hub as it was before the update that is on trial. */
    backup: path.join(root, 'before-update.lockhub-backup'),
    lock: path.join(root, 'update.lock'),
    /** Of an archive, while root looks at it. */
    incoming: path.join(root, 'incoming'),
    folderOf: (version: string) => path.join(root, 'versions', version),
    /** Half unpacked: as good as not there. */
    draftOf: (version: string) => path.join(root, 'versions', `.new-${version}`),
  };
}

/** Where the hub, which may not write to the above, keeps what it was offered and what it has to say. */
export function inboxOf(dataDir: string) {
  const folder = path.join(dataDir, 'update');
  return {
    folder,
    offer: path.join(folder, 'offer.json'),
    archive: path.join(folder, 'archive'),
    /** Of the archive, as far as it has come. */
    part: path.join(folder, 'archive.part'),
    /** The hub asks for its update; systemd waits for this file. */
    request: path.join(folder, 'request.json'),
    /** The new version says that it works. */
    proof: path.join(folder, 'proof.json'),
  };
}

/** The folder of all versions that this file belongs to; `null`: it was not installed as one of several. */
export function installRoot(moduleFile: string): string | null {
  const version = path.resolve(path.dirname(moduleFile), '..', '..');
  const versions = path.dirname(version);
  return path.basename(versions) === 'versions' ? path.dirname(versions) : null;
}
