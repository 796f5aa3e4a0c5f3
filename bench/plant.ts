/**
 * Stores cases by the hundred thousand, as copies of real ones: same rows, same sizes, same indexes, names of their own. Without it a
 * million cases would have to be run before a query over them could be timed.
 */
import type postgres from 'postgres'
import { institution } from './sender.ts'

/** How many rows of cases one statement makes at most. */
const chunk = 10_000
/** Slots of status lists that the copies of one list of cases share (db/status-lists.ts: of 131,072, four fifths are given). */
const slotsPerList = 100_000

interface Copied {
  readonly table: string
  /** What the rows to copy are found by; `m` is a case to copy with its new names, `t` the row. */
  readonly from: string
  /** Columns that differ, as SQL; the others are copied. */
  readonly set: Readonly<Record<string, string>>
}

const renamedCase = (column: string) => `replace(${column}, m.case_id, m.new_case)`
const renamedBoth = (column: string) => `replace(${renamedCase(column)}, m.credential, m.new_credential)`
const newKey = 'sha256(t.event_key || int4send(m.copy))'
const earlier = (column: string) => `t.${column} - make_interval(mins => m.copy)`
const ofFacts = (table: string) =>
  `public.evidence e join bench.copy m on m.person = e.person and e.institution = '${institution}' join ${table} t on t.event_key = e.event_key`
const ofTrail = (table: string) =>
  `${table} t join bench.copy m on m.trail = t.trail and t.institution = '${institution}'`
const newOffering = "t.offering || '-' || m.copy"

/**
 * Every table in which a case of band E leaves a row. One in fifty stands as if it waited for an approver, so that lists of what waits
 * have something to show. The learners are as erased: keys under which nothing was sealed. Trails keep their entries' old chain.
 */
const copied: readonly Copied[] = [
  {
    table: 'public.subject_key',
    from: 'public.subject_key t join bench.copy m on m.person = t.subject',
    set: { subject: "m.new_person || 'x'" },
  },
  {
    table: 'public.person_reference',
    from: 'public.person_reference t join bench.copy m on m.person = t.person',
    set: { reference: 'sha256(t.reference || int4send(m.copy))', person: 'm.new_person' },
  },
  {
    table: 'public.inbox',
    from: ofFacts('public.inbox'),
    set: { event_key: newKey, received_at: earlier('received_at') },
  },
  {
    table: 'public.emitter_sequence',
    from: ofFacts('public.emitter_sequence'),
    set: { event_key: newKey, sequence: 't.sequence + m.copy * 10000000::bigint' },
  },
  {
    table: 'public.evidence',
    from: `public.evidence t join bench.copy m on m.person = t.person and t.institution = '${institution}'`,
    set: {
      id: 'bench.another(t.id, m.copy)',
      person: 'm.new_person',
      event_key: newKey,
      offering: newOffering,
      received_at: earlier('received_at'),
    },
  },
  {
    table: 'public.cases',
    from: 'public.cases t join bench.copy m on m.case_id = t.id',
    set: {
      id: 'm.new_case',
      person: 'm.new_person',
      event_key: newKey,
      trail: 'm.new_trail',
      offering: newOffering,
      state: "case when m.waits then 'deciding' else t.state end",
      step: "case when m.waits then 'approval' else t.step end",
      waiting_for: `case when m.waits then '{"for":"approver"}'::jsonb end`,
      waiting_since: `case when m.waits then ${earlier('changed_at')} end`,
      waiting_until: `case when m.waits then ${earlier('changed_at')} + interval '90 days' end`,
      opened_at: earlier('opened_at'),
      changed_at: earlier('changed_at'),
    },
  },
  {
    table: 'public.verdict',
    from: `public.verdict t join bench.copy m on m.case_id = t.case_id and t.institution = '${institution}'`,
    set: { case_id: 'm.new_case', entry: renamedCase('t.entry') },
  },
  {
    table: 'public.signing_request',
    from: 'public.signing_request t join bench.copy m on m.credential = t.credential_id',
    set: { credential_id: 'm.new_credential', case_id: 'm.new_case', issued_at: earlier('issued_at') },
  },
  {
    table: 'public.credential',
    from: 'public.credential t join bench.copy m on m.credential = t.id',
    set: { id: 'm.new_credential', case_id: 'm.new_case', issued_at: earlier('issued_at') },
  },
  {
    table: 'public.status_slot',
    from: 'public.status_slot t join bench.copy m on m.credential = t.credential_id',
    set: {
      credential_id: 'm.new_credential',
      list_id: `t.list_id || '-' || m.slot / ${slotsPerList}`,
      slot: `m.slot % ${slotsPerList}`,
    },
  },
  { table: 'audit.trail', from: ofTrail('audit.trail'), set: { trail: 'm.new_trail' } },
  {
    table: 'audit.entry',
    from: ofTrail('audit.entry'),
    set: {
      trail: 'm.new_trail',
      entry_id: renamedBoth('t.entry_id'),
      leaf: `convert_to(replace(${renamedBoth("convert_from(t.leaf, 'UTF8')")}, m.trail::text, m.new_trail::text), 'UTF8')`,
    },
  },
  { table: 'audit.pending', from: ofTrail('audit.pending'), set: { trail: 'm.new_trail' } },
  {
    table: 'audit.disclosure',
    from: ofTrail('audit.disclosure'),
    set: { trail: 'm.new_trail', subject: 'm.new_person' },
  },
  {
    table: 'public.outbox',
    from: 'bench.told o join bench.copy m on m.case_id = o.case_id join public.outbox t on t.id = o.id',
    set: {
      id: renamedBoth('t.id'),
      target: renamedBoth('t.target'),
      payload: `${renamedBoth('t.payload::text')}::jsonb`,
    },
  },
]

/** The tables a case leaves rows in, with its indexes and what is stored beside them. */
export const storedTables: readonly string[] = copied.map(({ table }) => table)

export interface Planted {
  /** Of `wanted`, so many had to be planted. */
  readonly cases: number
  /** All that the tables of cases take on disk, with indexes. */
  readonly bytes: number
}

/** Brings the store to so many cases, by copies of those that are issued. @throws Error where there is none to copy */
export async function plant(admin: postgres.Sql, wanted: number, say: (line: string) => void): Promise<Planted> {
  const sql = await admin.reserve()
  try {
    const base = await prepare(sql)
    const [stored] = await sql<{ n: number; copies: number }[]>`
      select (select count(*)::int from cases) as n, coalesce((select max(last) from bench.planted), 0) as copies`
    const missing = Math.max(0, wanted - (stored?.n ?? 0))
    const copies = Math.ceil(missing / base)
    const first = (stored?.copies ?? 0) + 1
    const perStatement = Math.max(1, Math.floor(chunk / base))
    for (let from = first; from < first + copies; from += perStatement) {
      const until = Math.min(from + perStatement, first + copies) - 1
      await copy(sql, from, until)
      say(`  ${(until - first + 1) * base} of ${copies * base} cases are planted`)
    }
    await settle(sql)
    return { cases: copies * base, bytes: await bytesOf(sql) }
  } finally {
    sql.release()
  }
}

/** What the tables of cases take on disk now, with their indexes. */
export async function bytesOf(sql: postgres.Sql): Promise<number> {
  const [row] = await sql<{ bytes: number }[]>`
    select sum(pg_total_relation_size(name::regclass))::float8 as bytes from unnest(${[...storedTables]}::text[]) as u(name)`
  return row?.bytes ?? 0
}

/** The cases to copy, found once, before there are copies of them. @returns how many they are */
async function prepare(sql: postgres.Sql): Promise<number> {
  await sql`create table if not exists bench.planted (last int not null)`
  await sql.unsafe(`
    create or replace function bench.another(name text, copy int) returns text immutable parallel safe language sql as $$
      select substring(name from '^[a-z]+_') || translate(substr(encode(sha256(convert_to(name || '/' || copy, 'UTF8')), 'hex'), 1,
        length(name) - length(substring(name from '^[a-z]+_'))), '0189', 'ghij')
    $$`)
  await sql`
    create table if not exists bench.base as
    select c.id as case_id, c.person, c.trail, s.credential_id as credential, (row_number() over (order by c.id) - 1)::int as ordinal
    from cases c join signing_request s on s.case_id = c.id where c.state = 'issued' order by c.id limit 200`
  await sql`
    create table if not exists bench.told as
    select o.id, b.case_id from bench.base b join outbox o on o.kind = 'event' and strpos(o.payload::text, b.case_id) > 0`
  const [row] = await sql<{ n: number }[]>`select count(*)::int as n from bench.base`
  if (row === undefined || row.n === 0) throw new Error('no case is issued that could be copied')
  return row.n
}

/** As a superuser whom no trigger follows; checks and unique keys hold as ever. Whether it survives a power cut does not matter here. */
async function copy(sql: postgres.Sql, from: number, until: number): Promise<void> {
  await sql`begin`
  await sql`set local session_replication_role = replica`
  await sql`set local synchronous_commit = off`
  await sql`drop table if exists bench.copy`
  await sql.unsafe(`
    create unlogged table bench.copy as
    select b.*, k as copy, bench.another(b.case_id, k) as new_case, bench.another(b.person, k) as new_person,
      bench.another(b.credential, k) as new_credential, md5(b.trail::text || k)::uuid as new_trail,
      k * (select count(*)::int from bench.base) + b.ordinal as slot, abs(hashtext(b.case_id || k)) % 50 = 0 as waits
    from bench.base b cross join generate_series(${from}, ${until}) as k`)
  await sql`analyze bench.copy`
  await sql.unsafe(`
    insert into status_list (id, institution, purpose, size, open, published_version)
    select distinct t.list_id || '-' || m.slot / ${slotsPerList}, l.institution, l.purpose, l.size, false, 1
    from status_slot t join bench.copy m on m.credential = t.credential_id join status_list l on l.id = t.list_id
    on conflict do nothing`)
  for (const one of copied) await sql.unsafe(await insertOf(sql, one))
  await sql`create table if not exists bench.drawn (id text not null)`
  await sql`insert into bench.drawn select new_case from bench.copy order by random() limit 2000`
  await sql`delete from bench.planted`
  await sql`insert into bench.planted values (${until})`
  await sql`commit`
}

async function insertOf(sql: postgres.Sql, { table, from, set }: Copied): Promise<string> {
  const columns = await sql<{ name: string }[]>`
    select attname as name from pg_attribute
    where attrelid = ${table}::regclass and attnum > 0 and not attisdropped and attgenerated = '' and attname <> 'pid' order by attnum`
  const names = columns.map(({ name }) => name)
  for (const name of Object.keys(set)) if (!names.includes(name)) throw new Error(`${table} has no column ${name}`)
  const values = names.map((name) => set[name] ?? `t.${name}`)
  return `insert into ${table} (${names.join(', ')}) select ${values.join(', ')} from ${from}`
}

/** As autovacuum leaves tables that have come to rest. */
async function settle(sql: postgres.Sql): Promise<void> {
  for (const table of storedTables) await sql.unsafe(`vacuum (analyze) ${table}`)
  await sql`checkpoint`
}
