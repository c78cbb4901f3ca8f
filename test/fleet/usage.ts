/** What a process takes of the machine. */
export interface Usage {
  readonly rssBytes: number;
  /** Processor time since its start. */
  readonly cpuMs: number;
}

export function ownUsage(): Usage {
  const { user, system } = process.cpuUsage();
  return { rssBytes: process.memoryUsage.rss(), cpuMs: (user + system) / 1000 };
}
