/** The floor of reading a log: SHA-256 of so many leaves of so many bytes, and of one node for each, and nothing else. Tells leaves per second. */
import { hash } from 'node:crypto'

const [leaves = 0, bytes = 0] = process.argv.slice(2).map(Number)
const leaf = new Uint8Array(bytes + 1)
const node = new Uint8Array(65)
const began = performance.now()
for (let at = 0; at < leaves; at += 1) {
  hash('sha256', leaf, 'buffer')
  hash('sha256', node, 'buffer')
}
console.log((leaves / (performance.now() - began)) * 1_000)
