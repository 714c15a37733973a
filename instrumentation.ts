/** Next calls this once per server process: background work starts with the process, not with the first visitor. */
export async function register(): Promise<void> {
  if (process.env.NEXT_RUNTIME !== "nodejs") return;
  const { startProcess } = await import("@/lib/process");
  await startProcess();
}
