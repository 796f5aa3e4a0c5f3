/** What must hold for every input, as properties: a test runs each a hundred times, `npm run fuzz` for as long as it is given. */
import fc from 'fast-check'
import { parseAddCheckpoint, printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { canonicalBytes, type Json, parseStrict } from '#audit/canonical.ts'
import { checkpointText, parseCheckpoint } from '#audit/checkpoint.ts'
import { parseCosignature, printCosignature } from '#audit/cosignature.ts'
import { base64, fromB64url, fromBase64, hex, sameBytes, utf8 } from '#audit/digest.ts'
import { openDisclosure } from '#audit/disclosure.ts'
import { parseLeaf } from '#audit/entry.ts'
import { AuditError } from '#audit/errors.ts'
import { judgeCheckpoint, verifyTlogProof } from '#audit/judge-checkpoint.ts'
import { openNote, parseNote, printSignature, signNote } from '#audit/note.ts'
import { cosigner, ed25519Signer, parseVerifierKey } from '#audit/note-key.ts'
import { parsePolicy } from '#audit/policy.ts'
import { consistencyProblem, inclusionProblem } from '#audit/proof.ts'
import { bundlePath, decodeBundle, encodeBundle, newTiles, parseTilePath, tilePath } from '#audit/tile.ts'
import { tileTree } from '#audit/tile-tree.ts'
import { parseProof, printProof } from '#audit/tlog-proof.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { emptyEdge, extend, rootOf } from '#audit/tree.ts'
import { judgeConsistency, judgeInclusion, judgeNote } from '#cli/log-cases.ts'
import { mth, path, proof } from './naive.ts'
import { leaves, readerOf } from './tiles.ts'

export interface Property {
  readonly name: string
  readonly holds: fc.IAsyncProperty<unknown> | fc.IProperty<unknown>
}

const most = 300
const all = leaves(most)
const tree = tileTree(readerOf(all))
const log = ed25519Signer('log.example/uni-a', new Uint8Array(32).fill(1))
const witness = cosigner('witness.example', new Uint8Array(32).fill(2))
const keys = [parseVerifierKey(log.vkey), parseVerifierKey(witness.vkey)]
const policyText = `log ${log.vkey}\nwitness W ${witness.vkey} https://w.example/\ngroup G all W\nquorum G\n`
const policy = parsePolicy(policyText)
const text = checkpointText({ origin: log.name, size: most, root: rootOf(extend(emptyEdge, all)), extensions: [] })
const seen = printSignature({
  name: witness.name,
  keyId: witness.keyId,
  signature: witness.cosign(utf8(text), 1_700_000_000),
})
const note = `${signNote(text, [log])}${seen}\n`
const proofText = printProof({ index: 7, path: path(7, all), extra: utf8('extra'), checkpoint: note })

const requestText = printAddCheckpoint({ oldSize: 7, proof: path(7, all), note })

const hash = fc.uint8Array({ minLength: 32, maxLength: 32 })
const count = fc.maxSafeNat()
/** Index and size of a leaf in a tree. */
const place = fc.integer({ min: 1, max: most }).chain((size) => fc.tuple(fc.nat(size - 1), fc.constant(size)))
/** Lines of a note: anything without newline and control characters. */
const line = fc
  .string({ unit: 'grapheme', minLength: 1 })
  .filter((one) => !/[^ -\u{10ffff}]/u.test(one) && one.isWellFormed())

const same = (one: readonly Uint8Array[], other: readonly Uint8Array[]) =>
  one.length === other.length && one.every((bytes, at) => sameBytes(bytes, other[at] as Uint8Array))

/** True unless something else than a typed refusal is thrown. */
function refusesCleanly(act: () => unknown): boolean {
  try {
    act()
    return true
  } catch (error) {
    if (error instanceof AuditError) return true
    throw error
  }
}

/** A text with one thing done to it: a letter changed, put in or taken out, a line taken out or doubled. */
const damage = (whole: string) =>
  fc
    .tuple(
      fc.nat(whole.length - 1),
      fc.constantFrom('change', 'insert', 'remove', 'drop-line', 'double-line'),
      fc.string({ unit: 'binary', minLength: 1, maxLength: 1 }),
    )
    .map(([at, how, letter]) => damaged(whole, at, how, letter))

function damaged(whole: string, at: number, how: string, letter: string): string {
  const [start, end] = [whole.lastIndexOf('\n', at - 1) + 1, whole.indexOf('\n', at) + 1 || whole.length]
  switch (how) {
    case 'change':
      return whole.slice(0, at) + letter + whole.slice(at + 1)
    case 'insert':
      return whole.slice(0, at) + letter + whole.slice(at)
    case 'remove':
      return whole.slice(0, at) + whole.slice(at + 1)
    case 'drop-line':
      return whole.slice(0, start) + whole.slice(end)
    default:
      return whole.slice(0, end) + whole.slice(start)
  }
}

const anyText = (...wholes: string[]) =>
  fc.oneof(fc.string({ unit: 'binary' }), fc.string({ unit: 'grapheme' }), ...wholes.map(damage))

export const properties: readonly Property[] = [
  {
    name: 'a tree grown in any steps is the tree of the RFC',
    holds: fc.property(fc.array(fc.nat(40), { maxLength: 20 }), (steps) => {
      let edge = emptyEdge
      for (const step of steps) edge = extend(edge, all.slice(edge.size, Math.min(most, edge.size + step)))
      return sameBytes(rootOf(edge), mth(all.slice(0, edge.size)))
    }),
  },
  {
    name: 'proofs from tiles are those of the RFC and verify',
    holds: fc.asyncProperty(place, async ([index, size]) => {
      const some = all.slice(0, size)
      const root = await tree.root(size)
      const inclusion = await tree.inclusion(index, size)
      const consistency = await tree.consistency(index + 1, size)
      const root1 = mth(some.slice(0, index + 1))
      return (
        sameBytes(root, mth(some)) &&
        same(inclusion, path(index, some)) &&
        same(consistency, proof(index + 1, some)) &&
        inclusionProblem({
          leafIndex: index,
          treeSize: size,
          leafHash: all[index] as Uint8Array,
          root,
          proof: inclusion,
        }) === undefined &&
        consistencyProblem({ size1: index + 1, size2: size, root1, root2: root, proof: consistency }) === undefined
      )
    }),
  },
  {
    name: 'a proof of inclusion with one thing changed is refused',
    holds: fc.property(place, fc.nat(), fc.integer({ min: 0, max: 7 }), count, ([index, size], at, bit, other) => {
      const claim = {
        leafIndex: index,
        treeSize: size,
        leafHash: all[index] as Uint8Array,
        root: mth(all.slice(0, size)),
        proof: path(index, all.slice(0, size)),
      }
      const turned = (bytes: Uint8Array) =>
        Uint8Array.from(bytes, (byte, i) => (i === at % 32 ? byte ^ (1 << bit) : byte))
      const hashes = claim.proof
      const spot = at % Math.max(1, hashes.length)
      const lies = [
        { ...claim, leafHash: turned(claim.leafHash) },
        { ...claim, root: turned(claim.root) },
        { ...claim, proof: [...hashes, all[0] as Uint8Array] },
        { ...claim, proof: [all[0] as Uint8Array, ...hashes] },
        ...(hashes.length === 0
          ? []
          : [
              { ...claim, proof: hashes.toSpliced(spot, 1) },
              { ...claim, proof: hashes.with(spot, turned(hashes[spot] as Uint8Array)) },
            ]),
        // Under one root and size no other index fits; size and index together may.
        ...(other % size === index ? [] : [{ ...claim, leafIndex: other % size }]),
        { ...claim, leafIndex: size },
        { ...claim, treeSize: index },
      ]
      return lies.every((lie) => inclusionProblem(lie) !== undefined)
    }),
  },
  {
    name: 'a proof of consistency with one thing changed is refused',
    holds: fc.property(place, fc.nat(), fc.integer({ min: 0, max: 7 }), ([index, size], at, bit) => {
      const [some, old] = [all.slice(0, size), all.slice(0, index + 1)]
      const hashes = proof(index + 1, some)
      const claim = { size1: index + 1, size2: size, root1: mth(old), root2: mth(some), proof: hashes }
      const turned = (bytes: Uint8Array) =>
        Uint8Array.from(bytes, (byte, i) => (i === at % 32 ? byte ^ (1 << bit) : byte))
      const spot = at % Math.max(1, hashes.length)
      const lies = [
        { ...claim, root1: turned(claim.root1) },
        { ...claim, root2: turned(claim.root2) },
        { ...claim, proof: [...hashes, all[0] as Uint8Array] },
        { ...claim, size1: 0 },
        ...(hashes.length === 0
          ? []
          : [
              { ...claim, proof: hashes.toSpliced(spot, 1) },
              { ...claim, proof: hashes.with(spot, turned(hashes[spot] as Uint8Array)) },
              { ...claim, size1: size, size2: index + 1 },
            ]),
      ]
      return lies.every((lie) => consistencyProblem(lie) !== undefined)
    }),
  },
  {
    name: 'hostile proofs are answered, never thrown at',
    holds: fc.property(
      fc.oneof(count, fc.bigInt(), fc.double()),
      fc.oneof(count, fc.bigInt(), fc.double()),
      fc.array(fc.oneof(hash, fc.uint8Array()), { maxLength: 70 }),
      fc.oneof(hash, fc.uint8Array()),
      (one, other, hashes, root) => {
        const inclusion = inclusionProblem({ leafIndex: one, treeSize: other, leafHash: root, root, proof: hashes })
        const consistency = consistencyProblem({ size1: one, size2: other, root1: root, root2: root, proof: hashes })
        const isTrue = (problem: string | undefined) => problem === undefined
        // The only true claims among such: one leaf is its own root, and a tree is itself.
        return (
          (!isTrue(inclusion) || BigInt(other) === 1n) &&
          (!isTrue(consistency) || one === other || BigInt(one) === BigInt(other))
        )
      },
    ),
  },
  {
    name: 'tile paths read as they are printed, and no other text is one',
    holds: fc.property(
      fc.integer({ min: 0, max: 63 }),
      count,
      fc.integer({ min: 1, max: 256 }),
      fc.string(),
      (level, index, width, stray) => {
        const id = { level, index, width }
        const [tile, entries] = [parseTilePath(tilePath(id)), parseTilePath(bundlePath(index, width))]
        const odd = parseTilePath(stray) ?? parseTilePath(`tile/${stray}`) ?? parseTilePath(tilePath(id) + stray)
        return (
          JSON.stringify(tile) === JSON.stringify({ kind: 'tile', id }) &&
          JSON.stringify(entries) === JSON.stringify({ kind: 'entries', id: { ...id, level: 0 } }) &&
          (odd === undefined || stray === '' || width === 256 || tilePath(id) + stray === `${tilePath(odd.id)}`)
        )
      },
    ),
  },
  {
    name: 'the new tiles of a growth are those the old tree lacks or has narrower',
    holds: fc.property(fc.nat(200_000), fc.nat(200_000), (a, b) => {
      const [from, to] = a < b ? [a, b] : [b, a]
      const before = new Set(newTiles(0, from).map(tilePath))
      const needed = newTiles(0, to)
        .map(tilePath)
        .filter((one) => !before.has(one))
      return JSON.stringify(newTiles(from, to).map(tilePath)) === JSON.stringify(needed)
    }),
  },
  {
    name: 'bundles read as they are written',
    holds: fc.property(fc.array(fc.uint8Array({ maxLength: 300 }), { minLength: 1, maxLength: 256 }), (entries) =>
      same(decodeBundle(encodeBundle(entries)), entries),
    ),
  },
  {
    name: 'any bytes are a bundle, a leaf, a cosignature, or a typed refusal',
    holds: fc.property(fc.oneof(fc.uint8Array({ maxLength: 2000 }), fc.string({ unit: 'binary' }).map(utf8)), (bytes) =>
      [
        () => decodeBundle(bytes),
        () => parseLeaf(bytes),
        () => parseCosignature(bytes),
        () => parseStrict(bytes),
        () => trailChains('a/b').next(bytes, bytes),
      ].every(refusesCleanly),
    ),
  },
  {
    name: 'any text is a note, checkpoint, proof, policy, key, path, or a typed refusal',
    holds: fc.property(anyText(note, proofText, policyText, log.vkey, text), (some) =>
      [
        () => parseNote(some),
        () => openNote(some, keys),
        () => parseCheckpoint(some),
        () => parseProof(some),
        () => parsePolicy(some),
        () => parseVerifierKey(some),
        () => parseTilePath(some),
        () => judgeCheckpoint(policy, some),
        () => verifyTlogProof(policy, { leafHash: all[7] as Uint8Array, proofText: some }),
        () => openDisclosure(some, []),
        () => fromBase64(some),
        () => fromB64url(some),
      ].every(refusesCleanly),
    ),
  },
  {
    name: 'a damaged note never opens with another text',
    holds: fc.property(damage(note), (some) => {
      const judged = judgeCheckpoint(policy, some)
      return !judged.ok || (parseNote(some).text === text && judged.witnesses.length === 1)
    }),
  },
  {
    name: 'a damaged proof never shows another index, size or root',
    holds: fc.property(damage(proofText), (some) => {
      const judged = verifyTlogProof(policy, { leafHash: all[7] as Uint8Array, proofText: some })
      return !judged.ok || (judged.index === 7 && checkpointText(judged.checkpoint) === text)
    }),
  },
  {
    name: 'notes, checkpoints, cosignatures and proofs read as they are printed',
    holds: fc.property(
      line,
      count,
      hash,
      fc.array(line, { maxLength: 3 }),
      fc.array(hash, { maxLength: 64 }),
      (origin, size, root, extensions, hashes) => {
        const printed = checkpointText({ origin, size, root, extensions })
        const signed = signNote(printed, [{ name: 'any.example', keyId: size % 2 ** 32, sign: () => root }])
        const [found] = parseNote(signed).signatures
        const { time, signature } = parseCosignature(
          printCosignature({ time: size, signature: new Uint8Array(64).fill(9) }),
        )
        const read = parseProof(printProof({ index: size, path: hashes, checkpoint: signed }))
        return (
          checkpointText(parseCheckpoint(parseNote(signed).text)) === printed &&
          found?.keyId === size % 2 ** 32 &&
          sameBytes(found.signature, root) &&
          time === size &&
          signature.length === 64 &&
          printProof(read) === printProof({ index: size, path: hashes, checkpoint: signed })
        )
      },
    ),
  },
  {
    name: 'base64 has one spelling, that of everybody else',
    holds: fc.property(fc.uint8Array({ maxLength: 100 }), fc.string({ maxLength: 12 }), (bytes, stray) => {
      const spelled = base64(bytes)
      const tries = [stray, spelled + stray, spelled.slice(0, -1)].filter((one) => one !== spelled)
      const read = (one: string) => {
        try {
          return Buffer.from(fromBase64(one)).toString('base64') === one
        } catch (error) {
          return error instanceof AuditError && Buffer.from(one, 'base64').toString('base64') !== one
        }
      }
      return (
        spelled === Buffer.from(bytes).toString('base64') &&
        hex(fromBase64(spelled)) === hex(bytes) &&
        tries.every(read)
      )
    }),
  },
  {
    name: 'a request to a witness reads as it is printed, and any other bytes are one or none',
    holds: fc.property(
      fc.record({ oldSize: count, proof: fc.array(hash, { maxLength: 63 }), note: fc.string() }),
      fc.oneof(fc.uint8Array(), damage(requestText).map(utf8)),
      (request, some) => {
        const read = parseAddCheckpoint(utf8(printAddCheckpoint(request)))
        const other = parseAddCheckpoint(some)
        return (
          read !== undefined &&
          read.oldSize === request.oldSize &&
          same(read.proof, request.proof) &&
          read.note === request.note &&
          // Whatever is read has one spelling, the one that was read.
          (other === undefined || sameBytes(utf8(printAddCheckpoint(other)), some))
        )
      },
    ),
  },
  {
    name: 'canonical bytes are a fix-point, and any other spelling of them is refused',
    holds: fc.property(fc.jsonValue({ maxDepth: 4 }), damage('{"a":[1,"b",true],"c":{"d":"é"}}'), (value, some) => {
      // Some values have no canonical form, such as those with a member `__proto__`.
      return [() => reads(value), () => fixPoint(some)].every(refusesCleanly)
    }),
  },
  {
    name: 'any line is answered by the commands',
    holds: fc.property(
      fc.oneof(
        fc.string({ unit: 'binary' }),
        fc.json(),
        fc
          .record({
            leafIndex: fc.anything(),
            treeSize: count,
            leafHash: fc.string(),
            root: fc.string(),
            proof: fc.anything(),
          })
          .map((one) => JSON.stringify(one, (_, x: unknown) => (typeof x === 'bigint' ? String(x) : x))),
        damage(
          JSON.stringify({
            leafIndex: 7,
            treeSize: most,
            leafHash: base64(all[7] as Uint8Array),
            root: base64(mth(all)),
            proof: path(7, all).map(base64),
          }),
        ),
      ),
      (some) => [judgeInclusion, judgeConsistency, judgeNote].every((judge) => typeof judge(some).ok === 'boolean'),
    ),
  },
]

/** Canonical bytes parse, and to the same value. */
function reads(value: unknown): void {
  const options = { numbers: 'finite', nulls: 'allowed' } as const
  const bytes = canonicalBytes(value, options)
  if (!sameBytes(bytes, canonicalBytes(parseStrict(bytes, options), options))) throw new Error('no fix-point')
}

/** What parses strictly is its own canonical form. */
function fixPoint(some: string): void {
  const value: Json = parseStrict(utf8(some))
  if (!sameBytes(canonicalBytes(value), utf8(some))) throw new Error('a second spelling was read')
}
