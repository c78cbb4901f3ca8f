/** Runs `work` when asked, one run at a time; whoever asks meanwhile gets one more run after it. */
export function again(work: () => Promise<void>): () => void {
  let isRunning = false;
  let isAskedAgain = false;
  const run = async (): Promise<void> => {
    isRunning = true;
    await work();
    isRunning = false;
    if (!isAskedAgain) return;
    isAskedAgain = false;
    void run();
  };
  return () => {
    if (isRunning) isAskedAgain = true;
    else void run();
  };
}
