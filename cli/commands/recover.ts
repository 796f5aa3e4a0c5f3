/** After an older copy of the database was restored: tells what is missing, and goes on without it when somebody says so. */
import { readNatsSeed } from '#config/secrets.ts'
import { connectNats, type NatsConnection } from '#connectors/platform/nats.ts'
import { type KeptMark, markStore } from '#connectors/platform/nats-mark.ts'
import { deliverAnew, keptSince } from '#connectors/platform/nats-streams.ts'
import { type Db, inInstitution, listInstitutions } from '#db/client.ts'
import { acceptMark, recordNow } from '#db/record.ts'
import { goOnWithout, lastEntryAt, unknownCredentials } from '#db/recovery.ts'
import { mayGoOn, type RecordNow, recordAge } from '#domain/record-age.ts'
import type { InstitutionId } from '#domain/words.ts'
import { issuanceSubject } from '#events/subjects.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { withDatabase } from '../database.ts'
import { demand, type Settings, settingsOf } from '../settings.ts'
import { localTime } from '../times.ts'

const mostCredentials = 100_000
const longAgo = '1970-01-01T00:00:00Z'

/** What left the house and is not known here any more. */
interface Missing {
  readonly institution: InstitutionId
  readonly since: string
  readonly credentials: readonly string[]
}

export const recover = command({
  takes: '',
  args: [0, 0],
  options: {
    accept: { says: 'go on without what is missing' },
    reason: { value: '<code>', says: 'why it is lost, as a code; goes into every institution’s trail' },
  },
  examples: [
    ['bevis recover', 'is the database older than it was, and what is missing? changes nothing'],
    [
      'bevis recover --accept --reason disk-lost',
      'go on without it: new status lists, every kept event delivered again',
    ],
  ],
  run: async ({ values, out }) => {
    const { accept, reason } = values
    if (accept === true && !/^[a-z][a-z0-9-]{1,60}$/.test(reason ?? ''))
      throw usage('missing-option', '--reason <code> is missing or no code', 'for instance disk-lost')
    const settings = settingsOf()
    return withDatabase(settings, (db) =>
      withNats(settings, async (nats) => {
        const now = await recordNow(db)
        const mark = await markStore(nats).read()
        const age = recordAge(now, mark)
        if (mark === undefined || mayGoOn(age)) {
          out.data(() => `Nothing to recover: the record holds ${now.reached} entries, and no mark says otherwise.`, {
            age,
            ...now,
          })
          return 'ok'
        }
        const missing = await missingOf(db, nats)
        if (accept !== true) {
          out.data(() => tell({ now, mark, missing }), { age, reached: now.reached, mark, missing })
          return 'conflict'
        }
        const done = await goOn({ db, nats }, { now, mark, reason: reason ?? '' })
        const text = () =>
          [
            `Gone on without the entries between ${now.reached} and ${mark.reached}.`,
            `Status lists closed  ${done.lists}`,
            `Cases woken          ${done.cases}`,
            'Every event that NATS keeps is delivered once more; start the processes, or wait until they start themselves.',
          ].join('\n')
        out.data(text, { ...done, reached: now.reached, mark: mark.reached, missing })
        return 'ok'
      }),
    )
  },
})

async function withNats<T>({ config }: Settings, work: (nats: NatsConnection) => Promise<T>): Promise<T> {
  const url = demand(config.natsUrl, 'BEVIS_NATS_URL')
  const seed = config.natsSeedFile === undefined ? undefined : readNatsSeed(config.natsSeedFile)
  const nats = await connectNats({ url, seed, name: 'admin' })
  try {
    return await work(nats)
  } finally {
    await nats.close()
  }
}

/** Subscribers were told of every credential; those of which nothing is known here can be named, though not shown. */
async function missingOf(db: Db, nats: NatsConnection): Promise<Missing[]> {
  const missing: Missing[] = []
  for (const institution of await listInstitutions(db)) {
    const since = (await inInstitution(db, institution, lastEntryAt)) ?? longAgo
    const subject = issuanceSubject(institution, 'credential.issued')
    const told = (await keptSince(nats, { subject, since, limit: mostCredentials })).map(credentialOf)
    const ids = told.flatMap((id) => (id === undefined ? [] : [id]))
    missing.push({
      institution,
      since,
      credentials: await inInstitution(db, institution, (tx) => unknownCredentials(tx, ids)),
    })
  }
  return missing
}

function credentialOf(payload: Uint8Array): string | undefined {
  const event: unknown = JSON.parse(Buffer.from(payload).toString('utf8'))
  const data: unknown = typeof event === 'object' && event !== null ? Reflect.get(event, 'data') : undefined
  const id: unknown = typeof data === 'object' && data !== null ? Reflect.get(data, 'credentialId') : undefined
  return typeof id === 'string' ? id : undefined
}

function tell({ now, mark, missing }: { now: RecordNow; mark: KeptMark; missing: readonly Missing[] }): string {
  const whose =
    mark.identity === now.identity
      ? `The database holds ${now.reached} entries; on ${localTime(mark.at)} it held ${mark.reached}.`
      : `This is another database than the one whose mark NATS keeps (${mark.reached} entries, ${localTime(mark.at)}).`
  return [
    whose,
    ...(now.putBack === true
      ? ['Its log was filled again with what was published; what those entries tell of is not here.']
      : []),
    'Nothing is sent, judged or signed until this is settled.',
    '',
    ...missing.map(({ institution, since, credentials }) => {
      const last = since === longAgo ? 'holds nothing yet' : `last entry ${localTime(since)}`
      const lost = credentials.map((id) => `  ${id}`)
      return [`${institution}: ${last}; issued afterwards and unknown here: ${credentials.length}`, ...lost].join('\n')
    }),
    '',
    'Best: restore a newer copy, up to the last archived WAL.',
    'Else: bevis recover --accept --reason <code>. Events that NATS still keeps are taken in once more and their cases judged',
    'anew; credentials named above are signed a second time, on new status lists. Decisions of people have to be taken again.',
  ].join('\n')
}

async function goOn(
  { db, nats }: { readonly db: Db; readonly nats: NatsConnection },
  { now, mark, reason }: { readonly now: RecordNow; readonly mark: KeptMark; readonly reason: string },
): Promise<{ lists: number; cases: number }> {
  const sum = { lists: 0, cases: 0 }
  for (const institution of await listInstitutions(db)) {
    const loss = { mark: mark.reached, reached: now.reached, reason }
    const done = await inInstitution(db, institution, (tx) => goOnWithout(tx, loss))
    sum.lists += done.lists
    sum.cases += done.cases
  }
  await deliverAnew(nats)
  // Last: until this is written everything else waits, and a repeat of the command does all of it again.
  await acceptMark(db, mark.reached)
  return sum
}
