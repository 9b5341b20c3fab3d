// Follows a subscription by graphql-ws, as a Node program would, and prints each
// answer on a line of its own until the server ends the session:
//   node follow.mjs URL TOKEN QUERY
import { createClient } from 'graphql-ws'
import WebSocket from 'ws'

const [url, token, query] = process.argv.slice(2)

const client = createClient({
  url,
  webSocketImpl: WebSocket,
  retryAttempts: 0,
  connectionParams: { authorization: `Bearer ${token}` },
})
client.subscribe(
  { query },
  {
    next: (answer) => console.log(JSON.stringify(answer)),
    error: (why) => {
      console.log(`ended ${why.code ?? JSON.stringify(why)}`)
      process.exit(0)
    },
    complete: () => process.exit(0),
  },
)
