/** Audit packages of cases: chosen ones, or a drawn sample. */
import { packageProfiles } from '#audit/package/profiles.ts'
import { apiOptions, openApi } from '../api-client.ts'
import { usage } from '../cli-error.ts'
import { command } from '../command.ts'
import { demandNew, keepPackage, keptText } from '../package-download.ts'

const why = {
  purpose: {
    value: '<code>',
    says: 'why it leaves: audit, accreditation, court, appeal, subject-access, employment, archive, case-work; it is recorded',
  },
  reason: { value: '<code>', says: 'a code beside it, such as a reference number; it is recorded' },
} as const
const out = { value: '<file.zip|folder>', says: 'where; a name that ends in .zip is one file' } as const
const profile = {
  value: '<profile>',
  says: `for whom: ${packageProfiles.join(', ')}; decides what is opened`,
} as const
const checkpoint = { value: '<size>', says: 'the checkpoint it is proved against (default: the newest)' } as const

export const exportTrails = command({
  takes: '<case id…>',
  args: [1, 200],
  options: { profile, ...why, checkpoint, out, ...apiOptions },
  examples: [
    [
      'bevis trail export case_mfrggzdfmztwq2lk --profile accreditor --purpose accreditation --out case.zip',
      'one file that can be checked without us: bevis verify case.zip --policy trust.policy',
    ],
    [
      'bevis trail export case_mfrggzdfmztwq2lk --profile subject --purpose subject-access --reason dnr-2026-117 --out anna',
      'all about one person, and who has looked, as a folder',
    ],
  ],
  run: async ({ args, values, out: answer }) => {
    const odd = args.find((id) => !/^case_[A-Za-z0-9_-]{1,100}$/.test(id))
    if (odd !== undefined) throw usage('case', `${odd} is no case id`, 'see bevis case list')
    const place = given(values.out, 'out', 'give --out <file.zip> or --out <folder>')
    demandNew(place)
    const api = await openApi(values)
    const order = {
      cases: args,
      profile: given(values.profile, 'profile', `give --profile, one of ${packageProfiles.join(', ')}`),
      ...purposeIn(values),
      checkpoint: numberIn(values.checkpoint, 'checkpoint'),
    }
    const kept = await keepPackage(await api.download('/audit-packages/trails', order), place)
    answer.data(() => keptText(kept), { out: kept.out, manifest: kept.manifest })
    return 'ok'
  },
})

export const sample = command({
  takes: '',
  args: [0, 0],
  options: {
    from: { value: '<time>', says: 'cases that came to their end from then on, RFC 3339' },
    to: { value: '<time>', says: 'and before then (default: now)' },
    achievement: { value: '<id>', says: 'of this achievement only' },
    level: { value: '<level>', says: 'of this level only: A, B-C1, C2-D, D-E, E, F, none' },
    size: { value: '<n>', says: 'how many' },
    strata: { value: '<names>', says: 'draw from each group by itself: level, achievement or both, by commas' },
    seed: {
      value: '<seed|size>',
      says: '32 hexadecimal digits of your own, or the size of a checkpoint; default: the next checkpoint, which nobody can choose',
    },
    profile,
    ...why,
    out,
    ...apiOptions,
  },
  examples: [
    [
      'bevis trail sample --from 2026-01-01T00:00:00Z --size 20 --strata level,achievement --profile accreditor --purpose accreditation --out sample.zip',
      'announced in the log, drawn by its next root, and drawn again by bevis verify',
    ],
  ],
  run: async ({ values, out: answer }) => {
    const place = given(values.out, 'out', 'give --out <file.zip> or --out <folder>')
    demandNew(place)
    const api = await openApi(values)
    const order = {
      from: given(values.from, 'from', 'give --from, a time such as 2026-01-01T00:00:00Z'),
      until: values.to,
      achievement: values.achievement,
      level: values.level,
      size: numberIn(given(values.size, 'size', 'give --size, how many are to be drawn'), 'size'),
      ...(values.strata === undefined ? {} : { strata: values.strata.split(',') }),
      ...seedIn(values.seed),
      profile: given(values.profile, 'profile', `give --profile, one of ${packageProfiles.join(', ')}`),
      ...purposeIn(values),
    }
    const kept = await keepPackage(await api.download('/audit-packages/samples', order), place)
    answer.data(() => keptText(kept), { out: kept.out, manifest: kept.manifest })
    return 'ok'
  },
})

export const exportLog = command({
  takes: '',
  args: [0, 0],
  options: { ...why, checkpoint, out, ...apiOptions },
  examples: [
    [
      'bevis log export --institution norrsken --purpose archive --out log-2026',
      'the whole log as files; bevis log fsck --dir log-2026 reads it',
    ],
  ],
  run: async ({ values, out: answer }) => {
    const place = given(values.out, 'out', 'give --out <file.zip> or --out <folder>')
    demandNew(place)
    const api = await openApi(values)
    const order = { ...purposeIn(values), checkpoint: numberIn(values.checkpoint, 'checkpoint') }
    const kept = await keepPackage(await api.download('/audit-packages/log', order), place)
    answer.data(() => keptText(kept), { out: kept.out, manifest: kept.manifest })
    return 'ok'
  },
})

function given(value: string | undefined, name: string, mend: string): string {
  if (value === undefined) throw usage(name, `--${name} is missing`, mend)
  return value
}

function purposeIn({ purpose, reason }: { readonly purpose?: string; readonly reason?: string }) {
  return { purpose: given(purpose, 'purpose', 'give --purpose: why it leaves the house, for instance audit'), reason }
}

function numberIn(value: string | undefined, name: string): number | undefined {
  if (value === undefined) return undefined
  if (!/^[1-9][0-9]{0,14}$/.test(value)) throw usage(name, `--${name} is no count`, 'give a whole number above 0')
  return Number(value)
}

/** 32 digits are a seed, fewer are a checkpoint's size. */
function seedIn(value: string | undefined) {
  if (value === undefined) return {}
  return /^[0-9a-f]{32}$/.test(value) ? { seed: value } : { seedFrom: numberIn(value, 'seed') }
}
