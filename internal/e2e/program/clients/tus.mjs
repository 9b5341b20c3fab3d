// Sends one announced file by tus-js-client, as a Node program would:
//   node tus.mjs ENDPOINT TOKEN EVIDENCE FILE CHUNK
import { readFileSync } from 'node:fs'
import { Upload } from 'tus-js-client'

const [endpoint, token, evidence, path, chunk] = process.argv.slice(2)

const upload = new Upload(readFileSync(path), {
  endpoint,
  chunkSize: Number(chunk) || Infinity,
  retryDelays: Array(20).fill(50),
  headers: { Authorization: `Bearer ${token}` },
  metadata: { evidence },
  onError(error) {
    console.error(String(error))
    process.exit(1)
  },
  onSuccess() {
    console.log(upload.url)
  },
})
upload.start()
