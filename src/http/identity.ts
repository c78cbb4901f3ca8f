import { v5 } from 'uuid';

/** Namespace of the ids that clients want and a hub has no other use for. */
const NAMESPACE = '0b8f4f5e-55ab-4b0b-93a1-d2f9c0f7e6c4';

/** The workspace of all that this hub has; always the same for one `hub_id`. */
export function workspaceIdOf(hubId: string): string {
  return v5(`workspace ${hubId}`, NAMESPACE);
}

/** The account that locks of this hub are connected by: the hub itself. */
export function accountIdOf(hubId: string): string {
  return v5(`account ${hubId}`, NAMESPACE);
}
