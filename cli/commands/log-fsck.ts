/** Reads a whole tiled log and computes it anew; without it nobody would notice a bit that fell over years ago. */
import { checkLog, type LogFinding, type ReadFile } from '#audit/check-log.ts'
import type { Checkpoint } from '#audit/checkpoint.ts'
import { base64 } from '#audit/digest.ts'
import { AuditError } from '#audit/errors.ts'
import type { HeadsManifest } from '#audit/heads.ts'
import { openNote } from '#audit/note.ts'
import { type NoteVerifier, parseVerifierKey } from '#audit/note-key.ts'
import { logOf } from '#audit/succession.ts'
import { trailChains } from '#audit/trail-chains.ts'
import { CliError, usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { compareWithBefore, type SuccessionSeeker, seekSuccessions } from '../log-before.ts'
import { judgeManifest, seekManifest } from '../log-heads.ts'
import { checkpointIn, openLog, readNote } from '../log-source.ts'
import type { Output } from '../output.ts'
import { pairs } from '../table.ts'

/** What the checkpoint itself can fail at, and all that `checkLog` finds. */
interface Finding extends Omit<LogFinding, 'code'> {
  readonly code:
    | LogFinding['code']
    | 'signature-wrong'
    | 'signature-missing'
    | 'heads-differ'
    | 'before-not-whole'
    | 'before-unnamed'
    | 'before-differs'
}

/** In one JSON document; text has no end. */
const mostKept = 1_000

export const fsck = command({
  takes: '',
  args: [0, 0],
  options: {
    url: { value: '<address>', says: 'where the log is published: <address>/checkpoint, <address>/tile/…' },
    dir: { value: '<folder>', says: 'the log as files: <folder>/checkpoint, <folder>/tile/…' },
    vkey: {
      value: '<vkey>',
      multiple: true,
      says: 'a key that must have signed the checkpoint; without one its signatures are not judged',
    },
    trails: { says: 'judge entries of ours too: canonical form, and the numbers and links of every trail' },
    succeeds: {
      value: '<folder|address>',
      says: 'the published log that this one followed: compare them entry by entry',
    },
    heads: { says: 'compute the newest manifest of trail heads anew too; reads the entries twice' },
  },
  examples: [
    ['bevis log fsck --url https://bevis.example/log/norrsken --vkey "$VKEY"', 'exit 0 whole, 3 not, 7 unreachable'],
    ['bevis log fsck --dir backup/log/norrsken --trails', 'a copy on disk, and every trail in it'],
    ['bevis log fsck --dir log/norrsken.2 --succeeds log/norrsken', 'what the second log took over of the first'],
  ],
  run: async ({ values, out }) => {
    const read = openLog(values)
    const note = await readNote(read)
    const keys = (values.vkey ?? []).map(keyIn)
    const checkpoint = checkpointIn(note)
    const findings = collect(out)
    const before = values.succeeds === undefined ? undefined : await openBefore(values.succeeds)
    // A key is judged by the note of the log that it is named for.
    const ofBefore = keys.filter(({ name }) => name === before?.checkpoint.origin)
    for (const finding of signatureFindings(
      note,
      keys.filter((key) => !ofBefore.includes(key)),
    ))
      findings.tell(finding)
    for (const { code } of signatureFindings(before?.note ?? '', ofBefore)) findings.tell({ code, path: 'before' })
    const chains = values.trails === true ? trailChains(checkpoint.origin) : undefined
    const heads = values.heads === true ? seekManifest() : undefined
    const successions = before === undefined ? undefined : seekSuccessions()
    const progress = out.progress('Reading entries', checkpoint.size)
    await checkLog({
      read,
      size: checkpoint.size,
      root: checkpoint.root,
      tell: findings.tell,
      onEntry: (leaf, hash) => {
        heads?.next(leaf)
        successions?.next(leaf)
        return chains?.next(leaf, hash)
      },
      onProgress: (entries) => progress.step(entries),
    })
    progress.end()
    const manifest = heads?.found()
    if (manifest !== undefined && (await judgeManifest(read, checkpoint, manifest.manifest)) !== undefined)
      findings.tell({ code: 'heads-differ', path: 'checkpoint', at: manifest.index })
    const taken =
      before === undefined
        ? undefined
        : await judgeBefore([before, read], {
            size: checkpoint.size,
            said: successions?.found() ?? [],
            tell: findings.tell,
          })
    return tellResult(out, {
      checkpoint,
      taken,
      keys,
      findings,
      counts: chains?.counts(),
      heads: heads && (manifest?.manifest ?? 'none'),
    })
  },
})

interface Before {
  readonly read: ReadFile
  readonly note: string
  readonly checkpoint: Checkpoint
}

async function openBefore(where: string): Promise<Before> {
  const read = openLog(/^https?:/.test(where) ? { url: where } : { dir: where })
  const note = await readNote(read)
  return { read, note, checkpoint: checkpointIn(note) }
}

interface Taken {
  readonly origin: string
  /** Entries of the old log. */
  readonly entries: number
  /** Of them those that do not stand here. */
  readonly lost: number
}

/** What does not stand here must be what this log says it could not take over. */
async function judgeBefore(
  [{ read, checkpoint: before }, readNew]: readonly [Before, ReadFile],
  {
    size,
    said,
    tell,
  }: {
    readonly size: number
    readonly said: ReturnType<SuccessionSeeker['found']>
    readonly tell: (finding: Finding) => void
  },
): Promise<Taken> {
  const { isWhole, lost, first } = await compareWithBefore([read, readNew], { before, size })
  const { log, generation } = logOf(before.origin)
  const succession = said.find((one) => one.generation === generation + 1 && logIn(one.last) === log)
  if (!isWhole) tell({ code: 'before-not-whole', path: 'before' })
  if (succession === undefined) tell({ code: 'before-unnamed', path: 'before' })
  else if (first !== undefined && first < succession.kept) tell({ code: 'before-differs', path: 'before', at: first })
  return { origin: before.origin, entries: before.size, lost }
}

const logIn = (note: string): string => logOf(note.slice(0, note.indexOf('\n'))).log

interface Findings {
  readonly kept: Finding[]
  count: number
  readonly tell: (finding: Finding) => void
}

/** Told as they are found; what a JSON document keeps of them has a bound, their number has none. */
function collect(out: Output): Findings {
  const findings: Findings = {
    kept: [],
    count: 0,
    tell: (finding) => {
      findings.count += 1
      if (!out.json) out.data(() => out.paint('red', findingText(finding)), finding)
      else if (findings.kept.length < mostKept) findings.kept.push(finding)
    },
  }
  return findings
}

const texts: Readonly<Record<Finding['code'], string>> = {
  missing: 'is missing',
  malformed: 'does not hold what it must',
  'hash-differs': 'differs from what lies below it',
  'root-differs': 'has another root than the entries give',
  'given-up': 'and all behind it was not read: too much differs',
  'root-unknown': 'has a root that cannot be computed from what is there',
  'signature-wrong': 'has a wrong signature of a key given',
  'signature-missing': 'is not signed by a key given',
  'entry-not-canonical': 'is no entry in canonical form',
  'entry-of-another-log': 'names another log',
  'heads-differ': 'states where trails stood, and the entries say otherwise',
  'before-not-whole': 'is not what its own checkpoint says',
  'before-unnamed': 'is a log that this one does not name as the one it followed',
  'before-differs': 'does not stand here, though this log says that it took it over',
  'number-breaks': 'does not carry the next number of its trail',
  'chain-breaks': 'does not bind the entry before it in its trail',
}

function findingText({ code, path, at }: Finding): string {
  const what = code === 'hash-differs' ? 'hash' : 'entry'
  return `${path}${at === undefined ? '' : ` ${what} ${at}`} ${texts[code]}`
}

interface Result {
  readonly checkpoint: Checkpoint
  readonly keys: readonly NoteVerifier[]
  readonly findings: Findings
  readonly taken: Taken | undefined
  readonly counts: { readonly trails: number; readonly ours: number; readonly others: number } | undefined
  /** The newest manifest, where one was looked for. */
  readonly heads: HeadsManifest | 'none' | undefined
}

function tellResult(
  out: Output,
  { checkpoint, keys, findings, taken, counts, heads }: Result,
): 'ok' | 'verification-failed' {
  const { origin, size, root } = checkpoint
  const isWhole = findings.count === 0
  const signed = keys.length === 0 ? 'not judged; give --vkey' : keys.map(({ name }) => name).join(', ')
  const text = () =>
    [
      pairs([
        ['Log', origin],
        ['Entries', String(size)],
        ['Root', base64(root)],
        ['Signatures', signed],
        ['Trails', counts && trailText(counts)],
        ['Trail heads', heads && headsText(heads)],
        ['Taken over', taken && takenText(taken)],
      ]),
      isWhole
        ? out.paint('green', 'The log is whole.')
        : out.paint('red', `The log is NOT whole: ${findings.count} differences.`),
    ].join('\n')
  const { kept, count } = findings
  const document = { origin, size, root: base64(root), signedBy: keys.map(({ name }) => name), whole: isWhole }
  out.data(text, {
    ...document,
    ...(counts === undefined ? {} : counts),
    ...(heads === undefined ? {} : { heads }),
    ...(taken === undefined ? {} : { before: taken }),
    differences: count,
    findings: kept,
  })
  return isWhole ? 'ok' : 'verification-failed'
}

function headsText(heads: HeadsManifest | 'none'): string {
  return heads === 'none' ? 'no manifest yet' : `${heads.trails} trails as of ${heads.asOfSize} entries`
}

function takenText({ origin, entries, lost }: Taken): string {
  const rest = lost === 0 ? 'all in their places' : `${lost} of them do not stand here`
  return `${entries} entries of ${origin}, ${rest}`
}

function trailText({ trails, ours, others }: NonNullable<Result['counts']>): string {
  return `${trails} of ${ours} entries${others === 0 ? '' : `; ${others} entries are not ours`}`
}

/** @throws CliError `usage/vkey`; a kind of key this version does not know could not be verified */
function keyIn(vkey: string): NoteVerifier {
  try {
    return parseVerifierKey(vkey)
  } catch (error) {
    if (!(error instanceof AuditError)) throw error
    const mend = 'a verifier key is <name>+<key id>+<base64>, with an Ed25519 key'
    if (error.code !== 'key-type-unknown') throw usage('vkey', `${vkey} is no verifier key: ${error.code}`, mend)
    throw new CliError({
      exit: 'could-not-verify',
      code: 'log/key-unknown',
      what: `${vkey} is of an unknown kind`,
      mend,
    })
  }
}

function signatureFindings(note: string, keys: readonly NoteVerifier[]): Finding[] {
  return keys.flatMap((key) => {
    try {
      openNote(note, [key])
      return []
    } catch (error) {
      if (!(error instanceof AuditError)) throw error
      const code = error.code === 'signature-wrong' ? ('signature-wrong' as const) : ('signature-missing' as const)
      return [{ code, path: 'checkpoint' }]
    }
  })
}
