/** Every command there is, with what loads it; without lazy loading `bevis --help` would start Temporal's native core. */
import type { Command } from './command.ts'

export interface Entry {
  /** The words that call it: `case show`. */
  readonly name: string
  readonly does: string
  readonly load: () => Promise<Command>
}

const of = (name: string, does: string, load: () => Promise<Command>): Entry => ({ name, does, load })

export const catalogue: readonly Entry[] = [
  of(
    'migrate',
    'bring database and streams to what this version expects',
    async () => (await import('./commands/migrate.ts')).migrateCommand,
  ),
  of('work', 'run a worker: intake, pipeline, signing or relay', async () => (await import('./commands/work.ts')).work),
  of('serve', 'run the HTTP API', async () => (await import('./commands/work.ts')).serve),
]
