// SHA-256 beside the page, so that the screen never stands still.

/** The SHA-256 of a file in hexadecimal. Error when the file can't be read. */
export function sha256(blob: Blob): Promise<string> {
  const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
  return new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ hex?: string; problem?: string }>) => (data.hex ? resolve(data.hex) : reject(new Error(data.problem)));
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(blob);
  }).finally(() => worker.terminate());
}
