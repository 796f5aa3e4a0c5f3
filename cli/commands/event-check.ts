/** Events looked at before they are sent: every fault at once, and whether a signature holds. Needs no server. */
import type { JWK } from 'jose'
import { type DetachedOutcome, verifyDetached } from '#credentials/signing/jws.ts'
import type { Problem } from '#events/problems.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { type EventText, linesOption, problemLine, problemsIn, readEvents } from '../event-files.ts'
import { readJsonInput } from '../input.ts'

interface Checked {
  readonly file: string
  readonly problems: readonly Problem[]
  /** Only where one was given. */
  readonly signature?: DetachedOutcome
}

export const check = command({
  takes: '<file…|->',
  args: [1, 1_000],
  lists: true,
  options: {
    ...linesOption,
    signature: { value: '<jws>', says: 'detached signature of the one event, as in Bevis-Signature; needs --key' },
    key: { value: '<file>', says: 'public key of the emitter (JWK); needs --signature' },
  },
  examples: [
    ['bevis event check completion.json', 'every fault at once, with its place and how to mend it'],
    ['bevis event check --lines - < events.ndjson', 'one event per line; add --ndjson to get one answer per line'],
    ['bevis event check completion.json --key public.jwk.json --signature "$JWS"', 'also whether the signature holds'],
  ],
  run: async ({ args, values, out }) => {
    const events = readEvents(args, values.lines === true)
    const signed = signatureOf(values, events)
    const checked = await Promise.all(events.map((event) => checkOne(event, signed)))
    out.list({
      rows: checked.flatMap(linesFor),
      // Advice is told whole: a table would cut it.
      columns: [{ head: 'EVENT', cell: (text) => text }],
      headless: true,
      nothing: 'No events.',
      document: { events: checked },
      items: checked,
    })
    if (checked.some(({ problems }) => problems.length > 0)) return 'failure'
    return checked.some(({ signature }) => signature?.kind === 'refused') ? 'verification-failed' : 'ok'
  },
})

interface Signature {
  readonly jws: string
  readonly key: JWK
}

/** @throws CliError `usage/…`, `input/…` */
function signatureOf(
  { signature, key }: { readonly signature?: string; readonly key?: string },
  events: readonly EventText[],
): Signature | undefined {
  if (signature === undefined && key === undefined) return undefined
  if (signature === undefined || key === undefined)
    throw usage('arguments', 'a signature is checked with a key', 'give both --signature <jws> and --key <file>')
  if (events.length !== 1)
    throw usage('arguments', 'a signature is that of one event', 'give one event with --signature')
  return { jws: signature.trim(), key: readJsonInput(key) as JWK }
}

async function checkOne({ place, payload }: EventText, signed: Signature | undefined): Promise<Checked> {
  const found = { file: place, problems: problemsIn(payload) }
  if (signed === undefined) return found
  const signature = await verifyDetached(signed.jws, payload, signed.key)
  if (signature.kind === 'refused' && signature.code === 'key-not-allowed')
    throw usage('key', '--key is no public key that events are signed with', 'give a JWK: P-256 or Ed25519, without d')
  return { ...found, signature }
}

function linesFor({ file, problems, signature }: Checked): string[] {
  const faults = problems.map((one) => `${file} ${problemLine(one)}`)
  const held =
    signature === undefined
      ? []
      : [
          signature.kind === 'verified'
            ? `${file} signature holds (${signature.alg}, kid ${signature.kid})`
            : `${file} signature refused: ${signature.code}`,
        ]
  return [...(faults.length === 0 ? [`${file} in order`] : faults), ...held]
}
