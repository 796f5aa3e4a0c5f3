/** Connections and the one transaction shape of the house: bound to one institution, so that nobody forgets whose rows these are. */
import { type SQL, sql as template } from 'drizzle-orm'
import type { PgColumn } from 'drizzle-orm/pg-core'
import { drizzle, type PostgresJsDatabase } from 'drizzle-orm/postgres-js'
import postgres, { type Sql } from 'postgres'
import { beginEffect } from '#config/failpoints.ts'
import { add, observe, setAll } from '#connectors/platform/metrics.ts'
import { toInstant } from '#db/schema/columns.ts'
import type { Instant, InstitutionId } from '#domain/words.ts'

/** Secrets the memory needs: `kek` wraps subject keys, `hmac` digests references. 32 random bytes each, the same in all processes. */
export interface Keys {
  readonly kek: Uint8Array
  readonly hmac: Uint8Array
}

export interface Db {
  /** For LISTEN and for the few queries that serve all institutions; JSON parameters must be text here. */
  readonly sql: Sql
  readonly orm: PostgresJsDatabase
  readonly keys: Keys
  close(): Promise<void>
}

type OrmTransaction = Parameters<Parameters<PostgresJsDatabase['transaction']>[0]>[0]

/** A running transaction of one institution. */
export interface Tx {
  readonly institution: InstitutionId
  readonly keys: Keys
  readonly orm: OrmTransaction
  /** Rows as Postgres sends them: `bigint` as text, `timestamptz` as printed (`toInstant`), `bytea` as bytes. */
  execute<Row extends Record<string, unknown>>(query: SQL): Promise<Row[]>
}

export interface PoolOptions {
  readonly max?: number
  /** How long a server may keep us waiting for a connection; the driver's own patience (30 s) where it is left out. */
  readonly connectTimeoutMs?: number
}

/** Opens a pool of connections (default 8) as the role in the address. Nothing is sent until the first query. */
export function openDb(url: string, keys: Keys, options: PoolOptions = {}): Db {
  const max = options.max ?? 8
  setAll('bevis_db_pool_connections', [[{}, max]])
  const sql = postgres(url, {
    max,
    connection: { TimeZone: 'UTC' },
    onnotice: () => undefined,
    ...(options.connectTimeoutMs === undefined ? {} : { connect_timeout: options.connectTimeoutMs / 1_000 }),
  })
  return { sql, orm: drizzle(planned(sql)), keys, close: () => sql.end({ timeout: 5 }) }
}

/** A statement with more parameters is spelled for a number of rows; kept ready it would be one of hundreds on each connection. */
const mostParameters = 48

/** A page of a list is planned for the values it is asked for: with them unknown, the server takes what few cases have for the usual. */
const page = ' limit '

/**
 * The same connections, on which each statement is described and planned once. drizzle asks the driver to do both for every call,
 * which is a journey of its own and, for what we ask, a third of the server's work.
 */
function planned(sql: Sql, isOpen = () => true): Sql {
  const unsafe: Sql['unsafe'] = (query, parameters = [], options = {}) => {
    if (!isOpen()) throw new Error('asked after its transaction had ended')
    return sql.unsafe(query, parameters, {
      ...options,
      prepare: parameters.length <= mostParameters && !query.includes(page),
    })
  }
  const begin = (work: (tx: Sql) => Promise<unknown>) =>
    sql.begin(async (tx) => {
      let open = true
      try {
        return await work(planned(tx as unknown as Sql, () => open))
      } finally {
        // Whoever still asks was left behind when something beside it failed; the connection is somebody else's now.
        open = false
      }
    })
  return new Proxy(sql, {
    get: (target, name, receiver) => {
      if (name === 'unsafe') return unsafe
      if (name === 'begin') return begin
      return Reflect.get(target, name, receiver)
    },
  })
}

/**
 * One transaction in which row-level security shows and takes this institution's rows only. Whatever throws rolls back all of
 * it. Never wait for Temporal or NATS inside.
 */
export async function inInstitution<T>(db: Db, institution: InstitutionId, work: (tx: Tx) => Promise<T>): Promise<T> {
  const pass = beginEffect()
  pass('before')
  const result = await measured(() =>
    db.orm.transaction(async (orm) => {
      // Not waited for: a connection answers in the order it is asked, so the first question of the work travels along.
      const named = orm
        .execute(template`select set_config('app.institution', ${institution}, true)`)
        .then(() => undefined)
      named.catch(() => undefined)
      const done = await work({
        institution,
        keys: db.keys,
        orm,
        execute: async <Row extends Record<string, unknown>>(query: SQL) => [...(await orm.execute(query))] as Row[],
      })
      await named
      pass('after-effect')
      return done
    }),
  )
  pass('after-commit')
  return result
}

/** What operators see of the pool: postgres.js tells nothing of it, so the wait for a connection is measured with the work. */
async function measured<T>(transaction: () => Promise<T>): Promise<T> {
  const began = performance.now()
  const took = (outcome: string) => {
    add('bevis_db_transactions_open', {}, -1)
    observe('bevis_db_transaction_duration_seconds', { outcome }, (performance.now() - began) / 1_000)
  }
  add('bevis_db_transactions_open', {}, 1)
  try {
    const result = await transaction()
    took('committed')
    return result
  } catch (error) {
    took('rolled-back')
    throw error
  }
}

/** The database's clock at this moment: the only time gates and entries know (contracts §5). */
export async function databaseNow(tx: Tx): Promise<Instant> {
  const [row] = await tx.execute<{ now: string }>(template`select clock_timestamp()::text as now`)
  if (row === undefined) throw new Error('clock_timestamp() gave no row')
  return toInstant(row.now)
}

/** Every registered institution, in order; for workers that serve all of them. */
export async function listInstitutions(db: Db): Promise<InstitutionId[]> {
  const rows = await db.orm.execute<{ id: InstitutionId }>(template`select institution_ids() as id`)
  return rows.map((row) => row.id)
}

/** The SQLSTATE behind an error of a query (`23505` unique, `42501` not allowed, `40P01` deadlock), however it was wrapped. */
export function sqlState(error: unknown): string | undefined {
  if (error instanceof postgres.PostgresError) return error.code
  return error instanceof Error && error.cause !== undefined ? sqlState(error.cause) : undefined
}

/** Whether the column holds one of these values. One parameter for all, so that the statement reads the same however many they are. */
export function among(column: PgColumn, values: readonly unknown[]): SQL {
  return template`${column} = any(${list(values)}::${template.raw(column.getSQLType())}[])`
}

/** The same for a `bytea` column, in hex: the driver spells no lists of bytes, so the server makes them, once for all rows. */
export function amongBytes(column: PgColumn, inHex: readonly string[]): SQL {
  return template`${column} = any(array(select decode(one, 'hex') from unnest(${list(inHex)}::text[]) as one))`
}

/** A list as one parameter, for `unnest(…)` and `any(…)`; spelled plainly drizzle would make it many. */
export function list(values: readonly unknown[]): SQL {
  return template`${template.param(values)}`
}
