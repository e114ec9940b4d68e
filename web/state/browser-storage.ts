/** Whether the browser has agreed not to remove this site's data by itself; null where it does not say. */
export async function isKept(): Promise<boolean | null> {
  try {
    return await navigator.storage.persisted();
  } catch {
    return null;
  }
}

/** Asks it to. Some browsers ask the person, some decide by themselves. */
export async function askToKeep(): Promise<boolean | null> {
  try {
    return await navigator.storage.persist();
  } catch {
    return null;
  }
}
