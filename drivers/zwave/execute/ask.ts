const ATTEMPTS_MAX = 2;

/**
 * Asks a lock something that changes nothing, and once more when no answer came: a lock's own report that crosses a
 * question loses the answer (field note 4), and many locks report each write to them. `undefined`: no answer.
 */
export async function ask<T>(question: () => Promise<T | undefined>): Promise<T | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS_MAX; attempt += 1) {
    const answer = await question();
    if (answer !== undefined) return answer;
  }
  return undefined;
}
