// SHA-256 beside the page, so that the screen never stands still.
import { signal } from "@preact/signals";

/** The file that is being read just now, and how much of it has been, from 0 to 1; null when none is. */
export const reading = signal<{ id: string; share: number } | null>(null);

/** The SHA-256 of a kept file in hexadecimal. Error when the file can't be read. */
export function sha256(id: string, blob: Blob): Promise<string> {
  const worker = new Worker(new URL("./hash.worker.ts", import.meta.url), { type: "module" });
  return new Promise<string>((resolve, reject) => {
    worker.onmessage = ({ data }: MessageEvent<{ read?: number; hex?: string; problem?: string }>) => {
      if (data.read !== undefined) reading.value = { id, share: data.read / blob.size };
      else if (data.hex) resolve(data.hex);
      else reject(new Error(data.problem));
    };
    worker.onerror = (event) => reject(new Error(event.message));
    worker.postMessage(blob);
  }).finally(() => {
    worker.terminate();
    reading.value = null;
  });
}
