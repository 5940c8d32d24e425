/** Something that is done once for all the times that it is asked for meanwhile. */
export function coalesced(action: () => void): () => void {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    setImmediate(() => {
      isDue = false;
      action();
    });
  };
}
