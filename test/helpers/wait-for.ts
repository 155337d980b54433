/** Tries until the condition holds; fails with its last error after `seconds`. */
export async function waitFor<T>(condition: () => T | Promise<T>, seconds = 15): Promise<T> {
  const end = Date.now() + seconds * 1000;
  for (;;) {
    try {
      return await condition();
    } catch (error) {
      if (Date.now() > end) throw error;
      await new Promise((resolve) => setTimeout(resolve, 50));
    }
  }
}
