/** What a full store costs: the automatic path, and what people ask for, at a thousand, a hundred thousand and a million stored cases. */
import { expectStatus } from '#dev/demo/api.ts'
import type { Bench, Figure } from '../figure.ts'
import type { Ground } from '../ground.ts'
import { bytesOf, plant } from '../plant.ts'
import { compared, listed, type Row } from '../results.ts'
import { median, quantile } from '../statistics.ts'
import { untilDelivered } from '../until.ts'
import { together } from './automatic.ts'

/** How often each question is asked in a run. */
const times = 20
/** What the issue allows: nine tenths of the first column, so a time may grow to ten ninths of it. */
const rateAim = { atLeast: 0.9 } as const
const timeAim = { atMost: 1.11 } as const

export const growth: Figure = {
  name: 'growth',
  title: 'the automatic path and the lists of cases, at 10³, 10⁵ and, with --full, 10⁶ stored cases',
  wantsNew: true,
  measure: async ({ ground, sizes, say }: Bench) => {
    for (const name of ['witness', 'relay', 'log', 'signing', 'pipeline', 'api'] as const) await ground.start(name)
    const cases = Math.max(200, Math.ceil(sizes.cases / 2))
    await together(ground, 200, 200)
    await untilDelivered(ground.admin)
    const columns: Column[] = []
    for (const stored of [1_000, 100_000, ...(sizes.full ? [1_000_000] : [])]) {
      await plant(ground.admin, stored, say)
      const column: Column = { stored, rates: [], asked: new Map(), bytes: await bytesPerCase(ground) }
      await askAll(ground)
      for (let run = 0; run < Math.min(sizes.runs, 2); run += 1) {
        column.rates.push(await together(ground, cases, 200))
        for (const [question, took] of await askAll(ground))
          column.asked.set(question, [...(column.asked.get(question) ?? []), took])
      }
      say(`  ${stored} stored: ${median(column.rates).toFixed(1)} cases/s`)
      for (const [question, runs] of column.asked)
        say(`    ${question}: p95 ${quantile(runs.flat(), 0.95).toFixed(1)} ms`)
      columns.push(column)
    }
    return rowsOf(columns)
  },
}

interface Column {
  readonly stored: number
  /** Cases/s, run by run. */
  readonly rates: number[]
  /** By question, run by run, how long each answer took in ms. */
  readonly asked: Map<string, (readonly number[])[]>
  readonly bytes: number
}

async function bytesPerCase({ admin }: Ground): Promise<number> {
  const [row] = await admin<{ n: number }[]>`select count(*)::int as n from cases`
  return (await bytesOf(admin)) / (row?.n ?? 0)
}

const officer = 'officer-1'
const trail = 'trail'

/** What an officer may ask, each about another case every time; how a case, an offering and a credential are called is given. */
const questions: Readonly<Record<string, (one: Picked) => string>> = {
  'newest first': () => '/cases',
  'in a state': () => '/cases?state=deciding',
  'issued, of an achievement': ({ achievement }) => `/cases?state=issued&achievement=${achievement}`,
  'what waits for an approver': () => '/cases?waitingFor=approver&sort=waitingUntil',
  'of a band, oldest first, counted': () => '/cases?band=E&sort=opened&order=asc&count=capped',
  'opened within an hour': ({ hour }) => `/cases?sort=opened&openedFrom=${hour}`,
  'of an offering': ({ offering }) => `/cases?offering=${offering}`,
  'by the name of an offering': ({ offering }) => `/cases?q=${offering}`,
  'by a credential': ({ credential }) => `/cases?q=${credential}`,
  [trail]: ({ id }) => `/cases/${id}/trail`,
}

interface Picked {
  readonly id: string
  readonly achievement: string
  readonly offering: string
  readonly credential: string
  readonly hour: string
}

/** Each question in turn, and page two of every list, which is where keyset pages begin to matter. */
async function askAll(ground: Ground): Promise<Map<string, number[]>> {
  const picked = await pick(ground)
  const took = new Map<string, number[]>()
  for (const one of picked) {
    for (const [question, path] of Object.entries(questions)) {
      const began = performance.now()
      const { body } = expectStatus(await ground.api.call(officer, base + path(one)), [200])
      took.set(question, [...(took.get(question) ?? []), performance.now() - began])
      demandFound(question, body, one)
    }
  }
  return took
}

const base = '/v1/institutions/norrsken'

/** A question that finds nothing would be quick for the wrong reason. */
function demandFound(question: string, body: unknown, { id }: Picked): void {
  const { items, entries } = body as { readonly items?: readonly unknown[]; readonly entries?: readonly unknown[] }
  if ((items ?? entries ?? []).length === 0) throw new Error(`${question} found nothing, for ${id}`)
}

/** Copies, drawn at random: their learners are as erased at every size, so that the same is done for each. */
async function pick({ admin }: Ground): Promise<Picked[]> {
  const rows = await admin<Picked[]>`
    select c.id, c.achievement, c.offering, s.credential_id as credential,
      to_char(c.opened_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') as hour
    from (select id from bench.drawn order by random() limit ${times}) d join cases c using (id) join signing_request s on s.case_id = c.id`
  if (rows.length < times) throw new Error('there are too few copies to ask for')
  return [...rows]
}

function rowsOf(columns: readonly Column[]): Row[] {
  const [first, ...others] = columns
  if (first === undefined || others.length === 0) throw new Error('one column says nothing of growth')
  const p95 = ({ asked }: Column, isOne: (question: string) => boolean) => {
    const runs = [...asked].filter(([question]) => isOne(question)).map(([, found]) => found)
    return (runs[0] ?? []).map((_, run) =>
      quantile(
        runs.flatMap((found) => found[run] ?? []),
        0.95,
      ),
    )
  }
  const beside = `${first.stored} stored cases`
  const figure = ({ stored }: Column, what: string) => `growth: ${stored} stored cases, ${what}`
  const isList = (question: string) => question !== trail
  const asked = (column: Column, what: string, isOne: (question: string) => boolean) => ({
    figure: figure(column, `${what}, p95`),
    unit: 'ms',
    ours: p95(column, isOne),
    beside,
    theirs: p95(first, isOne),
  })
  return [
    ...others.flatMap((column) => [
      compared({
        figure: figure(column, 'automatic path in groups of 200'),
        unit: 'cases/s',
        ours: column.rates,
        beside,
        theirs: first.rates,
        aim: rateAim,
      }),
      compared({ ...asked(column, 'all lists', isList), aim: timeAim }),
      compared({ ...asked(column, 'a trail', (question) => question === trail), aim: timeAim }),
      ...Object.keys(questions)
        .filter(isList)
        .map((question) => compared(asked(column, `list ${question}`, (one) => one === question))),
    ]),
    ...columns.map((column) => listed(figure(column, 'a case on disk, with indexes'), 'bytes', [column.bytes])),
  ]
}
