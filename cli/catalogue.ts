/** Every command there is, with what loads it; without lazy loading `bevis --help` would start Temporal's native core. */
import type { Command, Entry } from './command.ts'

const of = (name: string, does: string, load: () => Promise<Command>): Entry => ({ name, does, load })

const stack = (verb: string, does: string): Entry =>
  of(`stack ${verb}`, does, async () => (await import('./commands/stack.ts')).stack(verb, does))

export const catalogue: readonly Entry[] = [
  stack('dev', 'start everything on this machine and stay until Ctrl-C'),
  stack('start', 'start everything on this machine and return'),
  stack('stop', 'stop everything; the data stays'),
  stack('status', 'tell what runs, and where'),
  of(
    'deploy init',
    'make the secrets and NATS identities that docker-compose.yml wants',
    async () => (await import('./commands/deploy.ts')).init,
  ),
  of(
    'migrate',
    'bring database and streams to what this version expects',
    async () => (await import('./commands/migrate.ts')).migrateCommand,
  ),
  of(
    'witness',
    'cosign the checkpoints of logs, other institutions’ too',
    async () => (await import('./commands/witness.ts')).witness,
  ),
  of(
    'witness key',
    'make a witness’s key, or tell its verifier key',
    async () => (await import('./commands/witness.ts')).key,
  ),
  of(
    'recover',
    'go on after an older copy of the database was restored',
    async () => (await import('./commands/recover.ts')).recover,
  ),
  of(
    'registry apply',
    'make a folder of files the register in force',
    async () => (await import('./commands/registry.ts')).apply,
  ),
  of(
    'registry diff',
    'tell what applying a folder would change',
    async () => (await import('./commands/registry.ts')).diff,
  ),
  of('registry show', 'tell what is in force', async () => (await import('./commands/registry.ts')).show),
  of(
    'registry nats-config',
    'print what NATS lets each emitter do',
    async () => (await import('./commands/registry.ts')).natsConfig,
  ),
  of('event send', 'send an event as an emitter does', async () => (await import('./commands/event.ts')).send),
  of(
    'event check',
    'tell all faults of an event without sending it',
    async () => (await import('./commands/event-check.ts')).check,
  ),
  of('event list', 'list events that were taken in', async () => (await import('./commands/event-list.ts')).list),
  of('event show', 'show what became of one', async () => (await import('./commands/event-list.ts')).show),
  of('case list', 'list cases, last changed first', async () => (await import('./commands/case.ts')).list),
  of(
    'case show',
    'show what was judged, what is missing, who decides',
    async () => (await import('./commands/case.ts')).show,
  ),
  of(
    'case trail',
    'show the entries of a case in the audit log',
    async () => (await import('./commands/case.ts')).trail,
  ),
  of(
    'case watch',
    'tell every change of a case until it ends',
    async () => (await import('./commands/case-watch.ts')).watch,
  ),
  of(
    'case export',
    'write all of a case into a folder that can be checked',
    async () => (await import('./commands/case-export.ts')).exportIt,
  ),
  of(
    'trail export',
    'make an audit package of cases, for one kind of reader',
    async () => (await import('./commands/trail.ts')).exportTrails,
  ),
  of(
    'trail sample',
    'make an audit package of a sample that anybody can draw again',
    async () => (await import('./commands/trail.ts')).sample,
  ),
  of('case decide', 'decide on a case', async () => (await import('./commands/decide.ts')).decide),
  of(
    'decision-list draw',
    'put cases into a list to be approved in one act',
    async () => (await import('./commands/decision-list.ts')).draw,
  ),
  of(
    'decision-list show',
    'show a list, its sample, and what has been opened',
    async () => (await import('./commands/decision-list.ts')).show,
  ),
  of(
    'decision-list open',
    'open a case of a list; it counts for the sample',
    async () => (await import('./commands/decision-list.ts')).open,
  ),
  of(
    'decision-list approve',
    'approve a list when its sample has been opened',
    async () => (await import('./commands/decision-list.ts')).approve,
  ),
  of('revoke propose', 'propose to take a credential back', async () => (await import('./commands/revoke.ts')).propose),
  of(
    'revoke approve',
    'approve a proposal as the second officer',
    async () => (await import('./commands/revoke.ts')).approve,
  ),
  of('revoke refuse', 'turn a proposal down', async () => (await import('./commands/revoke.ts')).refuse),
  of('revoke list', 'list proposals and what came of them', async () => (await import('./commands/revoke.ts')).list),
  of(
    'erase propose',
    'propose to erase what is about a person',
    async () => (await import('./commands/erase.ts')).propose,
  ),
  of(
    'erase adopt',
    'take up what a retention rule suggests to dispose of',
    async () => (await import('./commands/erase.ts')).adopt,
  ),
  of(
    'erase approve',
    'approve an erasure as the second privacy officer',
    async () => (await import('./commands/erase.ts')).approve,
  ),
  of('erase refuse', 'turn a proposal to erase down', async () => (await import('./commands/erase.ts')).refuse),
  of('erase list', 'list erasures and what came of them', async () => (await import('./commands/erase.ts')).list),
  of('erase show', 'show one: what holds it back, what went', async () => (await import('./commands/erase.ts')).show),
  of('hold place', 'let nothing about somebody be erased', async () => (await import('./commands/hold.ts')).place),
  of('hold lift', 'lift a hold', async () => (await import('./commands/hold.ts')).lift),
  of('protect mark', 'mark a person as protected', async () => (await import('./commands/protect.ts')).mark),
  of('protect end', 'end such a mark', async () => (await import('./commands/protect.ts')).end),
  of('protect list', 'list who is marked, by id', async () => (await import('./commands/protect.ts')).list),
  of(
    'protect look',
    'show who a case is about, for a purpose that is logged',
    async () => (await import('./commands/protect.ts')).look,
  ),
  of(
    'review record',
    'record a review of the quality assurance',
    async () => (await import('./commands/review.ts')).record,
  ),
  of('review close', 'close what a review found to be done', async () => (await import('./commands/review.ts')).close),
  of(
    'review list',
    'list reviews, latest first, and what is to be done',
    async () => (await import('./commands/review.ts')).list,
  ),
  of(
    'appeal lodge',
    'lodge an appeal or a request for reconsideration against a decision',
    async () => (await import('./commands/appeal.ts')).lodge,
  ),
  of(
    'appeal acknowledge',
    'say that the appellant was told it came',
    async () => (await import('./commands/appeal.ts')).acknowledge,
  ),
  of(
    'appeal decide',
    'decide an appeal; whoever took part in the case may not',
    async () => (await import('./commands/appeal.ts')).decide,
  ),
  of(
    'appeal close',
    'close an appeal with what followed from it',
    async () => (await import('./commands/appeal.ts')).close,
  ),
  of(
    'appeal list',
    'list appeals, latest first; those open or overdue',
    async () => (await import('./commands/appeal.ts')).list,
  ),
  of('complaint receive', 'receive a complaint', async () => (await import('./commands/complaint.ts')).receive),
  of(
    'complaint acknowledge',
    'say that whoever complained was told it came',
    async () => (await import('./commands/complaint.ts')).acknowledge,
  ),
  of(
    'complaint progress',
    'tell a step in handling a complaint',
    async () => (await import('./commands/complaint.ts')).progress,
  ),
  of(
    'complaint close',
    'close a complaint with its outcome and what is done about it',
    async () => (await import('./commands/complaint.ts')).close,
  ),
  of(
    'complaint list',
    'list complaints, latest first; those open or overdue',
    async () => (await import('./commands/complaint.ts')).list,
  ),
  of('hold list', 'list holds, standing ones first', async () => (await import('./commands/hold.ts')).list),
  of(
    'verify',
    'check credentials, here or with the issuer’s addresses',
    async () => (await import('./commands/verify.ts')).verify,
  ),
  of(
    'dead-letter list',
    'list events that were not accepted',
    async () => (await import('./commands/dead-letter.ts')).list,
  ),
  of(
    'dead-letter show',
    'show what is wrong with one, and what to do',
    async () => (await import('./commands/dead-letter.ts')).show,
  ),
  of('dead-letter replay', 'take some in again', async () => (await import('./commands/dead-letter.ts')).replay),
  of(
    'dead-letter discard',
    'close one, with a reason',
    async () => (await import('./commands/dead-letter.ts')).discard,
  ),
  of(
    'reconcile',
    'tell what a source never sent, and where the record disagrees with itself',
    async () => (await import('./commands/reconcile.ts')).reconcile,
  ),
  of('keys list', 'list signing keys with their windows', async () => (await import('./commands/keys.ts')).list),
  of(
    'keys inventory',
    'list every key the record rests on: credentials, log, witnesses, emitters',
    async () => (await import('./commands/keys-inventory.ts')).inventory,
  ),
  of('keys rotate', 'sign with a new key from now on', async () => (await import('./commands/keys.ts')).rotate),
  of(
    'keys retire',
    'destroy the private half of a key that was rotated away',
    async () => (await import('./commands/keys.ts')).retire,
  ),
  of(
    'log verify-inclusion',
    'judge inclusion proofs, one a line',
    async () => (await import('./commands/log.ts')).verifyInclusion,
  ),
  of(
    'log verify-consistency',
    'judge consistency proofs, one a line',
    async () => (await import('./commands/log.ts')).verifyConsistency,
  ),
  of('log verify-note', 'judge signed notes, one a line', async () => (await import('./commands/log.ts')).verifyNote),
  of(
    'log recover',
    'a log that stands still: why, what is missing, and the way on',
    async () => (await import('./commands/log-recover.ts')).recover,
  ),
  of(
    'log succeed',
    'end a log that cannot go on, and begin the next',
    async () => (await import('./commands/log-succeed.ts')).succeed,
  ),
  of(
    'log export',
    'take the whole log out for an archive, with nothing opened',
    async () => (await import('./commands/trail.ts')).exportLog,
  ),
  of(
    'log mirror',
    'keep a copy of a log that is checked as it grows',
    async () => (await import('./commands/log-mirror.ts')).mirror,
  ),
  of(
    'log report',
    'figures and exceptions of a log, from its entries alone',
    async () => (await import('./commands/log-report.ts')).report,
  ),
  of('log fsck', 'read a whole log and compute it anew', async () => (await import('./commands/log-fsck.ts')).fsck),
  of(
    'doctor',
    'check everything a process stands on, and tell how to mend it',
    async () => (await import('./commands/doctor.ts')).doctor,
  ),
  of(
    'config show',
    'tell what a process would start with, and what is wrong with it',
    async () => (await import('./commands/config.ts')).show,
  ),
  of('completion', 'print the completion script of a shell', async () =>
    (await import('./commands/completion.ts')).completion(catalogue),
  ),
  of(
    'openapi print',
    'print the OpenAPI document of the HTTP API',
    async () => (await import('./commands/documents.ts')).openapi,
  ),
  of(
    'asyncapi print',
    'print the AsyncAPI document of the events',
    async () => (await import('./commands/documents.ts')).asyncapi,
  ),
  of(
    'vc-api',
    'our formats behind the W3C VC-API, for public test suites',
    async () => (await import('./commands/vc-api.ts')).vcApi,
  ),
  of(
    'workers list',
    'list the builds of the pipeline, and which is current',
    async () => (await import('./commands/workers.ts')).list,
  ),
  of(
    'workers promote',
    'make a build of the pipeline the current one',
    async () => (await import('./commands/workers.ts')).promote,
  ),
  of('work', 'run a worker: intake, pipeline, signing or relay', async () => (await import('./commands/work.ts')).work),
  of('serve', 'run the HTTP API', async () => (await import('./commands/work.ts')).serve),
]
