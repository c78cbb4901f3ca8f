import { v5 } from 'uuid';

/** Namespace of the ids that clients want and a hub has no other use for. */
const NAMESPACE = '0b8f4f5e-55ab-4b0b-93a1-d2f9c0f7e6c4';

interface Ids {
  readonly hubId: string;
  readonly workspace: string;
  readonly account: string;
}

/** Every object of a long list names them, and to hash them each time takes longer than all the rest of it. */
let last: Ids | null = null;

function idsOf(hubId: string): Ids {
  if (last?.hubId === hubId) return last;
  last = {
    hubId,
    workspace: v5(`workspace ${hubId}`, NAMESPACE),
    account: v5(`account ${hubId}`, NAMESPACE),
  };
  return last;
}

/** The workspace of all that this hub has; always the same for one `hub_id`. */
export function workspaceIdOf(hubId: string): string {
  return idsOf(hubId).workspace;
}

/** The account that locks of this hub are connected by: the hub itself. */
export function accountIdOf(hubId: string): string {
  return idsOf(hubId).account;
}
