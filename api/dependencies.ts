/** What the API stands on, handed in once; without it routes would open their own connections and no test could replace an address. */
import type { OpenAPIHono } from '@hono/zod-openapi'
import type { TokenVerifier } from '#connectors/identity/access-token.ts'
import type { ErrorFields } from '#connectors/platform/safe-fields.ts'
import type { TemporalClient } from '#connectors/platform/temporal.ts'
import type { Db } from '#db/client.ts'
import type { Problem as EventProblem } from '#db/dead-letters.ts'
import type { LoginAssertion } from '#domain/evidence.ts'
import type { InstitutionId } from '#domain/words.ts'
import type { Caller } from './identity.ts'
import type { Language } from './language.ts'

export interface ApiDependencies {
  /** Opened as `bevis_api`: the only role that may record what people decide (contracts §4). */
  readonly db: Db
  /** Undefined while Temporal is away: decisions are recorded and the outbox tells the workflow later. */
  readonly temporal: { readonly client: TemporalClient } | undefined
  readonly tokens: TokenVerifier
  /** The login issuer as the LoA table needs to know it: its address and the facts its conditions ask for. */
  readonly login: Omit<LoginAssertion, 'acr' | 'authTime'>
  /** `workers/intake/replay.ts` in an installation that can reach it; without it the API says that it cannot. */
  readonly replay?: (order: ReplayOrder) => Promise<readonly Replayed[]>
  /** `workers/intake/post.ts`, reached in intake's own process; without it the API says that it cannot. */
  readonly post?: (events: readonly PostedEvent[]) => Promise<PostAnswer>
  /** The tlog-policy that an institution states for its log; it goes along with audit packages. */
  readonly policyOf?: (institution: InstitutionId) => Promise<string | undefined>
  /** Told of every answer 5xx; never of what a request or an error says, because both can carry personal data. */
  readonly onTrouble?: (trouble: Trouble) => void
  /** Aborts when the process is told to end: from then on it is not ready, and still answers. */
  readonly ending?: AbortSignal
  /** Folder in which the log worker publishes; without it no log is served. */
  readonly logDir?: string
  /** Base of every URL in credentials, without trailing slash; chosen once (contracts §2). */
  readonly publicUrl: string
}

/** A failure of our own, found again by the `traceId` of the answer. */
export interface Trouble {
  readonly traceId: string
  readonly problem: string
  readonly error: ErrorFields
}

/** An event of a dead letter sent through intake's door once more, by intake's own rights: the API may not write evidence. */
export interface ReplayOrder {
  readonly institution: InstitutionId
  readonly ids: readonly string[]
  /** Pseudonym of the person who asks. */
  readonly by: string
  /** A code. */
  readonly reason: string
}

export type Replayed = { readonly id: string } & (
  | { readonly kind: 'taken'; readonly as: string }
  | { readonly kind: 'refused'; readonly code: string; readonly deadLetter: string }
  | { readonly kind: 'closed'; readonly state: string }
  | { readonly kind: 'not-found' | 'not-now' }
)

/** One event as posted: its bytes, and the detached JWS over exactly these bytes. */
export interface PostedEvent {
  readonly payload: Uint8Array
  readonly signature?: string
}

export type PostAnswer =
  /** One fate per event, in order. */
  | { readonly kind: 'taken'; readonly events: readonly PostedFate[] }
  /** Nothing was stored: at least one event does not show who sent it. `code` stands where there is an objection. */
  | {
      readonly kind: 'refused'
      readonly events: readonly { readonly code?: string | undefined; readonly problems: readonly EventProblem[] }[]
    }
  /** Nothing is lost: the sender still has the events, and sending all again is safe. */
  | { readonly kind: 'not-now' }

export type PostedFate =
  | { readonly outcome: 'case'; readonly caseId: string }
  | { readonly outcome: 'evidence' | 'duplicate' | 'unresolved' }
  | {
      readonly outcome: 'dead-letter'
      readonly deadLetter: string
      readonly code: string
      readonly problems: readonly EventProblem[]
    }

export interface ApiEnv {
  Variables: {
    deps: ApiDependencies
    language: Language
    /** Names this request in answers and logs. */
    traceId: string
    institution: InstitutionId
    caller: Caller
  }
}

export type Api = OpenAPIHono<ApiEnv>
