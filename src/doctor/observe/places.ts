/** Where the machine tells of itself. Others than its own are for tests. */
export interface Places {
  readonly proc: string;
  readonly sys: string;
  readonly etc: string;
  readonly run: string;
}

export const MACHINE: Places = { proc: '/proc', sys: '/sys', etc: '/etc', run: '/run' };
