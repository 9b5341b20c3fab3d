// SHA-256 of a file of any size, in pieces: a video is never in memory as a whole.
import { sha256 } from "@noble/hashes/sha2.js";
import { bytesToHex } from "@noble/hashes/utils.js";

const piece = 4 << 20;

addEventListener("message", async ({ data: blob }: MessageEvent<Blob>) => {
  try {
    const hash = sha256.create();
    for (let from = 0; from < blob.size; from += piece) {
      hash.update(new Uint8Array(await blob.slice(from, from + piece).arrayBuffer()));
      postMessage({ read: Math.min(from + piece, blob.size) });
    }
    postMessage({ hex: bytesToHex(hash.digest()) });
  } catch (error) {
    postMessage({ problem: String(error) });
  }
});
