/** `audit/` as mathematics: whoever publishes it, or puts it into a page, takes these files, one hash function and nothing of Node. */
import { execFileSync } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { expect, test } from 'vitest'
import { root } from '../support/paths.ts'

const files = readdirSync(join(root, 'audit')).filter((name) => name.endsWith('.ts'))
const allowed = /^(#audit\/[a-z0-9-]+\.ts|@noble\/(curves|hashes|post-quantum)\/.*)$/

test('the files of audit/ import each other, curves, and one hash of Node', () => {
  const foreign = files.flatMap((name) => {
    const text = readFileSync(join(root, 'audit', name), 'utf8')
    return [...text.matchAll(/\b(?:from|import) \(?'([^'\n]+)'/g)]
      .map(([, specifier = '']) => `${name}: ${specifier}`)
      .filter((line) => !allowed.test(line.slice(line.indexOf(' ') + 1)))
  })
  expect(files.length).toBeGreaterThan(15)
  expect(foreign).toEqual(['digest.ts: node:crypto'])
})

/** Runs where there is no Buffer, no process, and no SHA-256 but that of a page. */
const page = `
import { registerHooks } from 'node:module'
const shim = 'data:text/javascript,' + encodeURIComponent(
  "import { sha256 } from '${import.meta.resolve('@noble/hashes/sha2.js')}';" +
  "export const hash = (_, data) => sha256(typeof data === 'string' ? new TextEncoder().encode(data) : data)")
registerHooks({ resolve: (name, context, next) => {
  if (name === 'node:crypto') return { url: shim, shortCircuit: true }
  if (name.startsWith('node:')) throw new Error('a page has no ' + name)
  return next(name, context)
} })
const say = console.log
for (const name of ['Buffer', 'process', 'global', 'setImmediate']) delete globalThis[name]
const audit = (name) => import('${pathToFileURL(join(root, 'audit')).href}/' + name)
for (const name of ${JSON.stringify(files)}) await audit(name)
const { cosigner, ed25519Signer } = await audit('note-key.ts')
const { addSignatures, printSignature, signNote } = await audit('note.ts')
const { checkpointText } = await audit('checkpoint.ts')
const { parsePolicy } = await audit('policy.ts')
const { printProof } = await audit('tlog-proof.ts')
const { verifyTlogProof } = await audit('judge-checkpoint.ts')
const { leafHash, nodeHash } = await audit('tree.ts')
const { utf8 } = await audit('digest.ts')
const { disclose, newSalt, openDisclosure } = await audit('disclosure.ts')
const [log, witness] = [ed25519Signer('log.example', new Uint8Array(32).fill(1)), cosigner('witness.example', new Uint8Array(32).fill(2))]
const [left, right] = [leafHash(utf8('left')), leafHash(utf8('right'))]
const text = checkpointText({ origin: log.name, size: 2, root: nodeHash(left, right), extensions: [] })
const line = printSignature({ name: witness.name, keyId: witness.keyId, signature: witness.cosign(utf8(text), 1) })
const proofText = printProof({ index: 1, path: [left], checkpoint: addSignatures(signNote(text, [log]), [line]) })
const policy = parsePolicy('log ' + log.vkey + '\\nwitness W ' + witness.vkey + '\\nquorum W\\n')
const { disclosure, digest } = disclose('name', 'value', newSalt())
say(JSON.stringify([
  verifyTlogProof(policy, { leafHash: right, proofText }).ok,
  verifyTlogProof(policy, { leafHash: left, proofText }).ok,
  openDisclosure(disclosure, [digest]).kind,
]))
`

test('a page without Node proves an entry with them', () => {
  const told = execFileSync(process.execPath, ['--input-type=module', '--eval', page], { cwd: root, encoding: 'utf8' })
  expect(JSON.parse(told)).toEqual([true, false, 'opened'])
})
