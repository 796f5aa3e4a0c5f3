/** Done with the stolen key of the log. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { printAddCheckpoint } from '#audit/add-checkpoint.ts'
import { checkpointText } from '#audit/checkpoint.ts'
import { signNote } from '#audit/note.ts'
import { ed25519Signer } from '#audit/note-key.ts'
import { rebuildLog } from '../forger.ts'
import type { Scene } from '../golden.ts'
import { forgedTrail, logNow, milder } from './acts.ts'
import type { Manipulation } from './manipulation.ts'

/** What the witness answers to a checkpoint, by HTTP status. */
async function submitted(
  scene: Scene,
  {
    oldSize,
    size,
    root,
    proof = [],
  }: { oldSize: number; size: number; root: Uint8Array; proof?: readonly Uint8Array[] },
): Promise<readonly string[]> {
  const { origin } = scene.golden
  const note = signNote(checkpointText({ origin, size, root, extensions: [] }), [ed25519Signer(origin, scene.stolen)])
  const body = printAddCheckpoint({ oldSize, proof, note })
  const answers = await Promise.all(
    scene.witnesses.map((witness) => fetch(`${witness.url}/add-checkpoint`, { method: 'POST', body })),
  )
  return [...new Set(answers.map(({ status }) => String(status)))]
}

export const withLogKey: readonly Manipulation[] = [
  {
    what: 'sign a second history of the same size',
    hand: 'log key',
    act: async (scene) => {
      const { size } = await logNow(scene)
      return submitted(scene, { oldSize: size, size, root: new Uint8Array(32).fill(7) })
    },
    shows: [['witness', '422']],
    short: true,
  },
  {
    what: 'sign a longer history that does not go on from the one seen',
    hand: 'log key',
    act: async (scene) => {
      const { size } = await logNow(scene)
      return submitted(scene, {
        oldSize: size,
        size: size + 1,
        root: new Uint8Array(32).fill(7),
        proof: [new Uint8Array(32).fill(9)],
      })
    },
    shows: [['witness', '422']],
    short: true,
  },
  {
    what: 'sign a shorter history as if nothing had come after it',
    hand: 'log key',
    act: (scene) => submitted(scene, { oldSize: 0, size: 5, root: new Uint8Array(32).fill(7) }),
    shows: [['witness', '409']],
  },
  {
    what: 're-sign the whole history and publish it without witnesses',
    hand: 'log key',
    act: async (scene) => {
      await forgedTrail((entries) => entries.map(milder))(scene)
      await rebuildLog(scene)
      const { size, root } = await logNow(scene)
      const { origin } = scene.golden
      const text = checkpointText({ origin, size, root, extensions: [] })
      writeFileSync(join(scene.files, 'checkpoint'), signNote(text, [ed25519Signer(origin, scene.stolen)]))
      return undefined
    },
    shows: [
      ['policy', 'quorum-missed'],
      ['fsck', 'root-differs'],
      ['log worker', 'root-differs'],
    ],
    short: true,
  },
]
